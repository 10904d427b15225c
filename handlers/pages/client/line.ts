/** The line to the server. It comes back by itself: from a cut cable, a restarted server, and one that only seems to be there. */

import type { Board, Gone } from "./board";

// The server beats every four seconds.
const SILENCE_MS = 13_000;
// A hall is looking: never longer than three seconds between two tries.
const PAUSES_MS = [500, 1000, 2000, 3000];
const TOLD_AFTER_MS = 3000;

export interface Listener {
  board(board: Board): void;
  gone(gone: Gone): void;
  beat(serverMs: number): void;
  /** Whether people should be told that the line is down. */
  lost(isLost: boolean): void;
}

/** Follow the events of an address for ever, or until it is replaced. */
export function follow(url: string, listener: Listener): void {
  let source: EventSource | null = null;
  let failures = 0;
  let silence = 0;
  let telling = 0;
  let retry = 0;

  const alive = (): void => {
    failures = 0;
    clearTimeout(silence);
    clearTimeout(telling);
    telling = 0;
    listener.lost(false);
    silence = window.setTimeout(again, SILENCE_MS);
  };
  const tell = (): void => {
    telling ||= window.setTimeout(() => listener.lost(true), TOLD_AFTER_MS);
  };
  const stop = (): void => {
    source?.close();
    [silence, telling, retry].forEach((timer) => clearTimeout(timer));
  };
  // The browser's own retry gives up on any answer but 200, and knows nothing of a line that is merely silent.
  function again(): void {
    source?.close();
    clearTimeout(silence);
    clearTimeout(retry);
    tell();
    retry = window.setTimeout(open, PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)]);
  }
  function open(): void {
    source = new EventSource(url);
    silence = window.setTimeout(again, SILENCE_MS);
    source.onerror = again;
    on<Board>(source, "board", (board) => (alive(), listener.board(board)));
    on<number>(source, "beat", (at) => (alive(), listener.beat(at)));
    on<Gone>(source, "gone", (gone) => (stop(), listener.lost(false), listener.gone(gone)));
  }
  window.addEventListener("online", again);
  open();
}

function on<T>(source: EventSource, name: string, listener: (data: T) => void): void {
  source.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent<string>).data) as T));
}
