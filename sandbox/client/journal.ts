/** The platform's log, newest first: direction, kind, how long, and what the person saw. */

import { call, type LogLine } from "./api";
import { button, h } from "./dom";

const LIMIT = 300;

interface Attempt {
  number: number;
  outcome: string;
  ms: number;
  repeat: boolean;
  answer: { kind: string; text: string; reason: string };
}

interface Described {
  way: string;
  what: string;
  outcome: string;
  saw: string;
  bad: boolean;
}

const TYPES: Record<string, string> = { text: "文字", image: "图片", voice: "语音", video: "视频", location: "位置", link: "链接" };
const EVENTS: Record<string, string> = { subscribe: "关注（或扫码关注）", unsubscribe: "取消关注", SCAN: "扫码", CLICK: "点菜单", VIEW: "点菜单网页" };
const OUTCOMES: Record<string, string> = { timeout: "超过 5 秒", refused: "连不上", lost: "应答丢失" };
const ANSWERS: Record<string, string> = { reply: "有回复", nothing: "无回复", failure: "出错" };
const PATHS: Record<string, string> = {
  "/cgi-bin/message/custom/send": "客服消息",
  "/cgi-bin/message/custom/typing": "正在输入",
  "/cgi-bin/message/template/send": "模板消息",
  "/cgi-bin/message/subscribe/bizsend": "订阅通知",
  "/cgi-bin/stable_token": "取令牌",
  "/cgi-bin/menu/create": "设菜单",
  "/cgi-bin/qrcode/create": "造二维码",
  "/cgi-bin/media/upload": "传素材",
};
const KINDS: Record<string, string> = { faults: "故障设置", verify: "验证回调地址" };

function first(text: string): string {
  const plain = text.replace(/<[^>]*>/g, "").replace(/\s+/g, " ").trim();
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}

function describeCallback(line: LogLine): Described {
  const sent = line.sent as Record<string, unknown>;
  const attempt = line.attempt as Attempt;
  const kind = sent.MsgType === "event" ? (EVENTS[String(sent.Event)] ?? String(sent.Event)) : (TYPES[String(sent.MsgType)] ?? String(sent.MsgType));
  // A scene is a random word, and a reader knows it by the scan.
  const content = String(sent.Content ?? (sent.Event === "CLICK" ? sent.EventKey : "") ?? "");
  const again = attempt.repeat || attempt.number > 1 ? `（第 ${attempt.number} 次推送）` : "";
  const outcome = OUTCOMES[attempt.outcome] ?? ANSWERS[attempt.answer.kind] ?? attempt.answer.kind;
  return {
    way: "→",
    what: `${String(line.name)} ${kind}${content ? `「${first(content)}」` : ""}${again}`,
    outcome: `${outcome} ${attempt.ms} ms`,
    saw: attempt.repeat ? "重复的应答，不显示" : first(attempt.answer.text) || attempt.answer.reason,
    bad: attempt.outcome !== "answered" || attempt.answer.kind === "failure",
  };
}

function describeApi(line: LogLine): Described {
  const answer = line.answer as { errcode?: number; errmsg?: string } | string | undefined;
  const errcode = typeof answer === "object" ? answer.errcode : undefined;
  const path = String(line.path);
  const outcome = line.fault ? `故障 ${String(line.fault)}` : errcode ? String(errcode) : "成功";
  const saw = typeof answer === "object" && errcode ? (answer.errmsg ?? "") : path;
  return { way: "←", what: PATHS[path] ?? path, outcome, saw, bad: Boolean(line.fault ?? errcode) };
}

function describe(line: LogLine): Described {
  if (line.kind === "callback") return describeCallback(line);
  if (line.kind === "api") return describeApi(line);
  return { way: "·", what: KINDS[line.kind] ?? line.kind, outcome: "", saw: "", bad: false };
}

function row(line: LogLine): HTMLElement {
  const said = describe(line);
  const head = h("span", { className: "head" }, h("time", {}, line.at.slice(11, 19)), h("b", { className: "way" }, said.way),
    h("span", { className: "what" }, said.what), h("span", { className: "outcome" }, said.outcome));
  const summary = h("summary", {}, head, said.saw ? h("small", {}, said.saw) : null);
  return h("li", { className: said.bad ? "bad" : "" }, h("details", {}, summary, h("pre", {}, JSON.stringify(line, null, 1))));
}

export class Journal {
  readonly element = h("aside", { className: "journal", hidden: true, ariaLabel: "平台日志" });
  private readonly list = h("ol");
  private last = 0;

  constructor() {
    const only = h("input", { type: "checkbox", onchange: () => void this.element.classList.toggle("only-bad", only.checked) });
    const clear = button("清空", "tool", () => this.list.replaceChildren());
    const head = h("header", {}, h("b", {}, "平台日志"), h("label", {}, only, " 只看出错的"), clear);
    this.element.append(head, h("p", {}, "→ 平台推给后台　← 后台调用接口　下面一行是用户看到的"), this.list);
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
    this.list.prepend(row(line));
    this.list.children[LIMIT]?.remove();
  }
}
