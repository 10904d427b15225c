/** The platform's log, newest first. */

import { call, type LogLine } from "./api";
import { button, h } from "./dom";

const LIMIT = 300;

interface Attempt {
  number: number;
  outcome: string;
  status: number;
  ms: number;
  repeat: boolean;
  answer: { kind: string; text: string; reason: string };
}

const OUTCOMES: Record<string, string> = { timeout: "超时", refused: "连不上", lost: "应答丢失" };
const ANSWERS: Record<string, string> = { reply: "回复", nothing: "无回复", failure: "出错" };

function describeCallback(line: LogLine): string {
  const sent = line.sent as Record<string, unknown>;
  const attempt = line.attempt as Attempt;
  const what = [sent.MsgType === "event" ? sent.Event : sent.MsgType, sent.Content ?? sent.EventKey].filter(Boolean).join(" ");
  const again = attempt.number > 1 ? `第 ${attempt.number} 次` : "";
  const outcome = OUTCOMES[attempt.outcome] ?? ANSWERS[attempt.answer.kind] ?? attempt.answer.kind;
  return `→ ${String(line.name)} ${what} ${again} · ${outcome} ${attempt.ms} ms ${attempt.answer.reason}`;
}

function describeApi(line: LogLine): string {
  const answer = line.answer as { errcode?: number; errmsg?: string } | string | undefined;
  if (line.fault) return `← ${String(line.path)} · 故障 ${String(line.fault)}`;
  const code = typeof answer === "object" && answer.errcode ? `${answer.errcode} ${answer.errmsg ?? ""}` : "ok";
  return `← ${String(line.path)} · ${code}`;
}

function describe(line: LogLine): string {
  if (line.kind === "callback") return describeCallback(line);
  return line.kind === "api" ? describeApi(line) : line.kind;
}

function isBad(line: LogLine): boolean {
  const answer = line.answer as { errcode?: number } | undefined;
  const attempt = line.attempt as Attempt | undefined;
  return Boolean(line.fault ?? answer?.errcode) || (attempt !== undefined && (attempt.outcome !== "answered" || attempt.answer.kind === "failure"));
}

export class Journal {
  readonly element = h("aside", { className: "journal", hidden: true });
  private readonly list = h("ol");
  private last = 0;

  constructor() {
    const clear = button("清空", "tool", () => this.list.replaceChildren());
    this.element.append(h("header", {}, h("b", {}, "平台日志"), h("small", {}, "→ 推送给后台　← 后台调用接口"), clear), this.list);
  }

  /** Fetch the lines that are not there yet. */
  async load(): Promise<void> {
    const answer = await call<{ log: LogLine[] }>("GET", `/log?after=${this.last}`);
    answer.log.slice(-LIMIT).forEach((line) => this.add(line));
  }

  /** Show one more line, unless it is there already. */
  add(line: LogLine): void {
    if (line.n <= this.last) return;
    this.last = line.n;
    const detail = h("pre", {}, JSON.stringify(line, null, 1));
    const summary = h("summary", {}, h("time", {}, line.at.slice(11, 19)), ` ${describe(line)}`);
    this.list.prepend(h("li", { className: isBad(line) ? "bad" : "" }, h("details", {}, summary, detail)));
    this.list.children[LIMIT]?.remove();
  }
}
