/** The simulator's control API as the page uses it. */

export interface Link {
  label: string;
  href: string;
  content: string | null;
  menu_id: string | null;
}

export interface Entry {
  n: number;
  at: string;
  sender: "me" | "account" | "system";
  kind: string;
  via: string;
  text: string;
  links: Link[];
  extra: Record<string, unknown>;
}

export interface Person {
  id: string;
  name: string;
  note: string;
  openid: string;
  followed: boolean;
}

export interface Scene {
  name: string;
  scene: string;
}

/** A page that the back end's owner registered, a big screen for example. */
export interface Page {
  name: string;
  url: string;
}

export interface MenuButton {
  name: string;
  type?: string;
  key?: string;
  url?: string;
  pagepath?: string;
  sub_button?: MenuButton[];
}

export interface Menu {
  button: MenuButton[];
}

export interface LogLine {
  n: number;
  at: string;
  kind: string;
  [detail: string]: unknown;
}

/** What a message showed, or nothing. */
export interface Saw {
  kind: string;
  text: string;
  links: Link[];
}

export interface Done {
  saw: Saw;
  opens: string;
  hint: string;
}

export interface Sandbox {
  account_name: string;
  callback_url: string;
  mode: string;
}

/** One call; throws an Error with the simulator's reason. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  const response = await fetch(`/sim${path}`, init);
  const answer = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new Error(answer.error ?? String(response.status));
  return answer;
}

/** Do something with a phone; done when the person has seen what came of it (lines of the chat arrive by the feed). */
export function act(phone: string, action: string, args: Record<string, unknown> = {}): Promise<Done> {
  return call<Done>("POST", `/phones/${phone}/${action}`, args);
}

/** The address under which a phone's own browser opens a page. */
export function browseUrl(phone: string, url: string): string {
  return `/sim/phones/${phone}/browse?url=${encodeURIComponent(url)}`;
}

/** Whether the page may be shown inside a phone, or needs a window of its own. */
export async function mayBeFramed(url: string): Promise<boolean> {
  return (await call<{ allowed: boolean }>("GET", `/frames?url=${encodeURIComponent(url)}`)).allowed;
}

/** The picture of a scene's code. */
export function codePicture(scene: string): string {
  return `/sim/scenes/picture?scene=${encodeURIComponent(scene)}`;
}

type Listener = { [event: string]: (data: never) => void };

/** Follow what happens; `lost` runs when the line breaks, `opened` at the start and whenever it is back. */
export function follow(listeners: Listener, opened: () => void, lost: () => void): void {
  const feed = new EventSource("/sim/events");
  feed.onopen = opened;
  feed.onerror = lost;
  for (const [event, listener] of Object.entries(listeners)) {
    feed.addEventListener(event, (message) => listener(JSON.parse((message as MessageEvent<string>).data) as never));
  }
}
