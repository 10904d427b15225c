/** Pieces that several views share. */

import type { Board } from "./board";
import { el, say, show } from "./dom";

/** One view of the screen: made once, patched with every board. `tick` runs every second while it is seen. */
export interface Part {
  readonly element: HTMLElement;
  update(board: Board): void;
  tick?(): void;
}

/** The check-in code. A new one takes the place of the old only when it is there, so that nothing flickers. */
export class Code {
  readonly element = el("figure.code");
  private readonly image = document.createElement("img");
  private readonly waiting = el("p.waiting-code", "正在取签到码……");
  private version = "";

  constructor(private readonly address: string) {
    this.image.alt = "签到码：请用微信「扫一扫」";
    this.image.hidden = true;
    this.element.append(this.image, this.waiting);
  }

  update(version: string | null): void {
    show(this.waiting, version === null);
    show(this.image, version !== null && this.image.src !== "");
    if (version !== null && version !== this.version) void this.load(version);
  }

  private async load(version: string): Promise<void> {
    this.version = version;
    const next = new Image();
    next.src = `${this.address}/code.svg?${version}`;
    try {
      await next.decode();
    } catch {
      this.version = ""; // the next board tries again
      return;
    }
    if (this.version !== version) return;
    this.image.src = next.src;
    show(this.image, true);
  }
}

/** A number with what it counts. */
export class Figure {
  readonly element: HTMLElement;
  private readonly number = el("strong");

  constructor(label: string, unit = "人") {
    this.element = el("div.figure", el("span.label", label), el("span.value", this.number, el("small", unit)));
  }

  update(value: number | string): void {
    say(this.number, String(value));
  }
}
