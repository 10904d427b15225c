/** A soft sound of its own for pushes: two short sine notes. Silent until the first click, as browsers want it, and mutable. */

import { button } from "./dom";

const NOTES = [659.3, 880];
const KEY = "zhiping-muted";

export class Chime {
  readonly element = button("", "top-button", () => this.toggle());
  private context: AudioContext | null = null;
  private muted = localStorage.getItem(KEY) === "1";

  constructor() {
    const wake = () => (this.context ??= new AudioContext());
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, wake, { once: true });
    this.draw();
  }

  /** Ring once, unless muted or nobody has clicked yet. */
  ring(): void {
    if (this.muted || !this.context) return;
    void this.context.resume();
    NOTES.forEach((frequency, place) => this.note(frequency, this.context!.currentTime + place * 0.12));
  }

  private note(frequency: number, at: number): void {
    const [tone, volume] = [this.context!.createOscillator(), this.context!.createGain()];
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.07, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0005, at + 0.5);
    tone.connect(volume).connect(this.context!.destination);
    tone.start(at);
    tone.stop(at + 0.5);
  }

  private toggle(): void {
    this.muted = !this.muted;
    localStorage.setItem(KEY, this.muted ? "1" : "0");
    this.draw();
    this.ring();
  }

  private draw(): void {
    this.element.textContent = this.muted ? "声音关" : "声音开";
    this.element.ariaLabel = "推送提示音";
    this.element.title = "推送到达时轻响一声";
    this.element.ariaPressed = String(!this.muted);
  }
}
