// What everything is made of: JSON, answers, failures, elements. For the type check alone: nothing of this is served.

/** What came as JSON: here the service is taken at its word. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where nothing is known
type Json = any;

/** A row, or another thing the service tells of. */
interface Row {
  [field: string]: Json;
}

/** What a list answers (see api/http/lists.py), and what `wholeSource` makes of an answer. */
interface Page extends Row {
  rows: Row[];
  total: number;
  page: number;
  pages: number;
  size: number;
  sort: string;
  seq: number;
}

/** A decision that is stored. */
interface Receipt extends Row {
  seq: number;
  first_seq?: number;
  recorded_at: string;
  command: string;
  root: string;
}

/** One field's part of a refusal. */
interface Fault {
  field: string;
  row?: number;
  name_zh?: string;
  name_en?: string;
  zh: string;
  en: string;
}

/** What is known of something that was caught: only an answer of the service has a status and a code. */
interface Failure {
  name: string;
  message: string;
  status?: number;
  code?: string;
  zh?: string;
  en?: string;
  fields?: Fault[];
  facts?: Row;
  final?: boolean;
}

type Tags = HTMLElementTagNameMap & { svg: SVGSVGElement; use: SVGUseElement };

type Child = Node | string | number | false | null | undefined | readonly Child[];

type Attribute = string | number | boolean | null | undefined;

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What `h` takes: attributes, `data`, `style` and listeners. */
interface Props<E> {
  data?: { [name: string]: Attribute };
  style?: { [name: string]: string };
  onclick?: (event: MouseEvent & { currentTarget: E }) => unknown;
  onchange?: (event: Event & { currentTarget: E }) => unknown;
  oninput?: (event: InputEvent & { currentTarget: E }) => unknown;
  onsubmit?: (event: SubmitEvent & { currentTarget: E; target: E }) => unknown;
  ontoggle?: (event: ToggleEvent & { currentTarget: E }) => unknown;
  [name: string]: Attribute | { [name: string]: Attribute } | ((event: Json) => unknown);
}

/** Words by code, in Chinese: the key of their translation. */
type Words = Record<string, string>;

/** What a form holds. */
type Values = Record<string, string>;

/** Parameters of a request. */
type Params = Record<string, Attribute>;
