/** Buttons for what goes wrong on the real platform. */

import { call } from "./api";
import { toast } from "./dialogs";
import { button, h } from "./dom";

const FAULTS: [string, string, unknown][] = [
  ["重复推送", "下一条消息得到应答后又推送一次", { deliveries: { next: ["repeat"] } }],
  ["并发重发", "下一条消息还在处理时又推送一次", { deliveries: { next: ["overlap"], overlap_after: 0.05 } }],
  ["应答丢失", "下一条消息的应答没有送到，平台重发", { deliveries: { next: ["lose"] } }],
  ["迟到 6 秒", "下一条消息晚 6 秒才推送", { deliveries: { next: ["delay"], delay: 6 } }],
  ["乱序", "下一条消息被再下一条超过", { deliveries: { next: ["reorder"] } }],
  ["令牌过期", "所有 access_token 立即过期", { tokens: "expire" }],
  ["接口繁忙", "下一次接口调用返回 -1", { api: { errcode: -1 } }],
  ["接口超限", "下一次接口调用返回 45009", { api: { errcode: 45009 } }],
  ["接口无应答", "下一次接口调用 30 秒无应答", { api: { kind: "hang", seconds: 30 } }],
  ["全部恢复", "清除所有故障", { clear: true }],
];

/** The bar of fault buttons. */
export function faultBar(): HTMLElement {
  const buttons = FAULTS.map(([label, title, body]) =>
    button(label, "weui-btn weui-btn_default weui-btn_mini", () => {
      call("POST", "/faults", body).then(() => toast(`${label}：${title}`), (error: Error) => toast(error.message));
    }, title),
  );
  return h("div", { className: "faults", hidden: true, ariaLabel: "故障" }, ...buttons);
}
