/** Buttons for what goes wrong on the real platform. */

import { call } from "./api";
import { toast } from "./dialogs";
import { button, h } from "./dom";

const FAULTS: [string, string, unknown][] = [
  ["重复推送", "下一条消息得到应答后，平台又推送一次：不会重复计票。", { deliveries: { next: ["repeat"] } }],
  ["并发重发", "下一条消息还在处理，平台又推送一次：只办一次。", { deliveries: { next: ["overlap"], overlap_after: 0.05 } }],
  ["应答丢失", "下一条消息的应答没有送到，平台重发：照样看到回复。", { deliveries: { next: ["lose"] } }],
  ["迟到 6 秒", "下一条消息晚 6 秒才到，超过平台的 5 秒：不丢、不乱。", { deliveries: { next: ["delay"], delay: 6 } }],
  ["乱序", "下一条消息被再下一条超过：各办各的。", { deliveries: { next: ["reorder"] } }],
  ["令牌过期", "所有 access_token 立即过期（42001）：自动换新再发。", { tokens: "expire" }],
  ["接口繁忙", "下一次接口调用返回 -1：自动重试一次。", { api: { errcode: -1 } }],
  ["接口超限", "下一次接口调用返回 45009：留在「任务」里，不丢通知。", { api: { errcode: 45009 } }],
  ["接口无应答", "下一次接口调用 30 秒没有应答：不拖住别人。", { api: { kind: "hang", seconds: 30 } }],
  ["全部恢复", "清除所有故障，平台一切正常。", { clear: true }],
];

function faultButton([label, explained, body]: [string, string, unknown]): HTMLElement {
  const element = button("", "fault", () => {
    call("POST", "/faults", body).then(() => toast(`${label}：${explained}`), (error: Error) => toast(error.message));
  }, label);
  element.append(h("b", {}, label), h("small", {}, explained));
  return element;
}

/** The panel of fault buttons. */
export function faultPanel(): HTMLElement {
  const say = h("p", {}, "真实的微信平台会重复、迟到、丢应答。点一个故障，再在手机上做点什么，到「日志」里看平台和后台怎样应对。");
  return h("section", { className: "faults", hidden: true, ariaLabel: "故障" }, say, ...FAULTS.map(faultButton));
}
