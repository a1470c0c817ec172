import { $, $all, $in, swap, toast } from "./dom.js";
import { t } from "./i18n.js";

const LOOK_MS = 200;
const FORMATS = ["qr_code", "ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "data_matrix", "itf"];

/** @type {((text: string) => string) | null} */ let done = null;
/** @type {MediaStream | null} */ let stream = null;
let looking = 0;

/** @param {string} text */
const say = (text) => {
  $("scan-said").textContent = text;
};

async function reader() {
  if (!("BarcodeDetector" in window)) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((format) => known.includes(format));
  return formats.length ? new BarcodeDetector({ formats }) : null;
}

function stop() {
  clearTimeout(looking);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  $("scan-video", HTMLVideoElement).srcObject = null;
  $("scan-video").hidden = true;
}

/**
 * Hand over what was read; whoever asked says whether it was of use.
 * @param {string} text
 */
function tell(text) {
  if (!text || !done) return;
  const wrong = done(text);
  if (wrong) {
    say(wrong);
    return;
  }
  navigator.vibrate?.(60);
  $("scan", HTMLDialogElement).close();
}

/**
 * The camera, where the browser can read with it; a page without https has none.
 * @param {BarcodeDetector} detector
 */
async function film(detector) {
  const video = $("scan-video", HTMLVideoElement);
  try {
    const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    if (!$("scan", HTMLDialogElement).open) {
      for (const track of opened.getTracks()) track.stop();
      return;
    }
    stream = opened;
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    say(t("把条码或二维码对准取景框。"));
  } catch {
    stop();
    say(t("打不开相机，请拍照或输入标签上的字。"));
    return;
  }
  const look = async () => {
    const [code] = await detector.detect(video).catch(() => []);
    tell(code?.rawValue);
    if (stream) looking = setTimeout(look, LOOK_MS);
  };
  look();
}

/**
 * 扫码: by camera, by photo, or typed (a hand scanner types too). `read(text)`: returns what is wrong with it, or nothing.
 * @param {(text: string) => string} read
 */
export async function scan(read) {
  done = read;
  const box = $("scan", HTMLDialogElement);
  $("scan-form", HTMLFormElement).reset();
  box.showModal();
  const detector = await reader();
  $in(box, "[data-photo]").hidden = !detector;
  if (!detector) say(t("此浏览器不能用相机识别，请输入标签上的字。"));
  else if (navigator.mediaDevices) await film(detector);
  else say("");
  if (!stream && box.open) $("scan-text").focus(); // beside a film its keyboard would be in the way
}

/** Once for the page. */
export function bindScan() {
  const box = $("scan", HTMLDialogElement);
  for (const close of $all(box, "[data-close]")) close.addEventListener("click", () => box.close());
  box.addEventListener("close", () => {
    stop();
    done = null;
  });
  box.addEventListener("keydown", ({ key }) => {
    if (key.length === 1 && document.activeElement?.tagName !== "INPUT") $("scan-text").focus();
  }); // a hand scanner types
  $("scan-form").addEventListener("submit", (event) => {
    event.preventDefault();
    tell($("scan-text", HTMLInputElement).value.trim());
  });
  const photo = $("scan-photo", HTMLInputElement);
  photo.addEventListener("change", async () => {
    const [file] = photo.files ?? [];
    if (!file) return;
    try {
      const detector = await reader();
      const [code] = (await detector?.detect(await createImageBitmap(file))) ?? [];
      if (code) tell(code.rawValue);
      else say(t("照片里没有找到条码，请靠近一些再拍。"));
    } catch {
      toast(t("照片读不出来，请输入标签上的字。"), true);
    } finally {
      photo.value = "";
    }
  });
  swap($("scan-said"));
}
