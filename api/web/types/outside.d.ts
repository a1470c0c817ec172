// What is not in the library of TypeScript: a detector few browsers have, and what sw.js is served with. For the type check alone: nothing of this is served.

declare class BarcodeDetector {
  constructor(options: { formats: string[] });
  static getSupportedFormats(): Promise<string[]>;
  detect(image: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

declare const VERSION: string;

declare const FILES: string[];

declare const PAGE: string;

/** What of a service worker sw.js needs: its own library and that of pages exclude each other. */
interface ServiceScope {
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
  addEventListener(
    type: "install" | "activate" | "fetch",
    listener: (event: {
      request: Request;
      waitUntil: (work: Promise<unknown>) => void;
      respondWith: (answer: Promise<Response>) => void;
    }) => void,
  ): void;
}
