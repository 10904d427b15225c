/** The phones page: several people's phones side by side, talking with the back end through the simulated platform. */

import "weui/dist/style/weui.min.css";
import "./phones.css";
import { call, follow, type Entry, type LogLine, type Menu, type Person, type Sandbox, type Scene } from "./api";
import { personDialog } from "./dialogs";
import { button, h } from "./dom";
import { faultBar } from "./faults";
import { Handset, type Table } from "./handset";
import { Journal } from "./journal";

const FIRST = 3;
const people = new Map<string, Person>();
const handsets = new Map<string, Handset>();
const unread = new Set<string>();
const table: Table = { account: "公众号", menu: null, scenes: [] };
const journal = new Journal();
const faults = faultBar();
const desk = h("main", { className: "desk" });
const tabs = h("div", { className: "tabs", role: "tablist" });
const status = h("small", { className: "status" });
let front = "";

function remember(): void {
  history.replaceState(null, "", `#${[...handsets.keys()].join(",")}`);
}

function show(id: string): void {
  front = id;
  unread.delete(id);
  for (const [key, handset] of handsets) handset.element.classList.toggle("front", key === id);
  drawTabs();
}

function drawTabs(): void {
  const tab = (id: string) => {
    const element = button(people.get(id)?.name ?? id, id === front ? "tab current" : "tab", () => show(id));
    if (unread.has(id)) element.classList.add("unread");
    return element;
  };
  tabs.replaceChildren(...[...handsets.keys()].map(tab));
}

function pick(id: string): void {
  const person = people.get(id);
  if (person && !handsets.has(id)) {
    const handset = new Handset(person, table, () => putDown(id));
    if (table.menu) handset.preferMenu();
    handsets.set(id, handset);
    desk.append(handset.element);
    remember();
  }
  show(id);
  handsets.get(id)?.element.scrollIntoView({ inline: "nearest", block: "nearest" });
}

function putDown(id: string): void {
  handsets.get(id)?.element.remove();
  handsets.delete(id);
  remember();
  show([...handsets.keys()][0] ?? "");
}

function choose(): void {
  const create = async (name: string, note: string) => {
    const person = await call<Person>("POST", "/phones", { name, note });
    people.set(person.id, person);
    pick(person.id);
  };
  personDialog([...people.values()], pick, (name, note) => void create(name, note));
}

function setMenu(menu: Menu | null): void {
  const isNew = menu !== null && table.menu === null;
  table.menu = menu;
  for (const handset of handsets.values()) isNew ? handset.preferMenu() : handset.drawBar();
}

/** Everything anew: at the start, and whenever the line to the simulator was broken. */
async function synchronize(): Promise<void> {
  const [settings, phones, scenes, menu] = await Promise.all([
    call<Sandbox>("GET", "/settings"),
    call<{ phones: Person[] }>("GET", "/phones"),
    call<{ scenes: Scene[] }>("GET", "/scenes"),
    call<{ menu: Menu | null }>("GET", "/menu"),
  ]);
  table.account = settings.account_name;
  table.scenes = scenes.scenes;
  status.textContent = `${settings.mode} · ${settings.callback_url}`;
  if ([...handsets.keys()].some((id) => !phones.phones.some((person) => person.id === id))) return location.reload();
  phones.phones.forEach((person) => people.set(person.id, person));
  const wanted = location.hash.slice(1).split(",").filter((id) => people.has(id));
  const first = wanted.length ? wanted : [...people.keys()].slice(0, FIRST);
  if (!handsets.size && first[0]) {
    first.forEach(pick);
    show(first[0]);
  }
  setMenu(menu.menu);
  await Promise.all([...handsets.values()].map((handset) => handset.load()));
  await journal.load();
}

function changed(person: Person): void {
  people.set(person.id, person);
  handsets.get(person.id)?.update(person);
  if (handsets.size < FIRST && !location.hash.slice(1)) pick(person.id);
  drawTabs();
}

function received(entry: Entry & { phone: string }): void {
  handsets.get(entry.phone)?.add(entry);
  if (entry.phone !== front && handsets.has(entry.phone)) {
    unread.add(entry.phone);
    drawTabs();
  }
}

function toggle(element: HTMLElement, label: string): HTMLButtonElement {
  return button(label, "weui-btn weui-btn_default weui-btn_mini", () => (element.hidden = !element.hidden));
}

const add = button("＋ 手机", "weui-btn weui-btn_primary weui-btn_mini", choose, "拿起谁的手机");
const top = h("header", { className: "top" }, h("h1", {}, "微信模拟器"), status, add, toggle(faults, "故障"), toggle(journal.element, "日志"));
document.body.append(top, faults, tabs, h("div", { className: "work" }, desk, journal.element));

follow(
  {
    message: received,
    phone: changed,
    log: (line: LogLine) => journal.add(line),
    scenes: (scenes: Scene[]) => (table.scenes = scenes),
    menu: setMenu,
    typing: (sign: { phone: string; typing: boolean }) => handsets.get(sign.phone)?.typing(sign.typing),
    reset: () => location.replace(location.pathname),
  },
  () => void synchronize().catch(() => (status.textContent = "读取失败，请刷新页面")),
  () => (status.textContent = "模拟器断开了，正在重连……"),
);
