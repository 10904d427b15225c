/** The phones page: several people's phones side by side, talking with the back end through the simulated platform. */

import "weui/dist/style/base/base.min.css";
import "weui/dist/style/widget/weui-button/weui-button.min.css";
import "weui/dist/style/widget/weui-cell/weui-cell.min.css";
import "./phones.css";
import "./handset.css";
import "./guide.css";
import { call, follow, type Entry, type LogLine, type Menu, type Page, type Person, type Sandbox, type Scene } from "./api";
import { openBeside } from "./browser";
import { personDialog } from "./dialogs";
import { Dock } from "./dock";
import { button, h } from "./dom";
import { faultPanel } from "./faults";
import { Guide } from "./guide";
import { Handset, type Table } from "./handset";
import { Journal } from "./journal";
import { Chime } from "./sound";

// As many phones as fit beside the guide, three at least.
const FIRST = Math.max(3, Math.floor((innerWidth - 300) / 350));
const MODES: Record<string, string> = { safe: "安全模式", compatible: "兼容模式", plain: "明文模式" };
const CLOCK_MS = 10_000;
const PUSHES = ["custom", "template", "subscribe"];
const people = new Map<string, Person>();
const handsets = new Map<string, Handset>();
const table: Table = { account: "公众号", menu: null, scenes: [] };
const journal = new Journal();
const faults = faultPanel();
const chime = new Chime();
const dock = new Dock(pick);
const guide = new Guide(pick, () => pages[0] && showPage(pages[0]));
const desk = h("main", { className: "desk" });
const links = h("span", { className: "pages" });
const status = h("small", { className: "status", role: "status" });
let pages: Page[] = [];
let front = "";

function remember(): void {
  history.replaceState(null, "", `#${[...handsets.keys()].join(",")}`);
}

function drawDock(): void {
  dock.draw([...people.values()], new Set(handsets.keys()), front);
}

/** Put a phone in front, without moving the others. */
function show(id: string): void {
  front = id;
  dock.read(id);
  for (const [key, handset] of handsets) handset.element.classList.toggle("front", key === id);
  drawDock();
}

function takeUp(id: string): void {
  const person = people.get(id);
  if (!person || handsets.has(id)) return;
  const handset = new Handset(person, table, () => putDown(id));
  handset.element.addEventListener("pointerdown", () => front !== id && show(id));
  handsets.set(id, handset);
  desk.append(handset.element);
  remember();
}

function pick(id: string): void {
  takeUp(id);
  void tellTime();
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
  table.menu = menu;
  for (const handset of handsets.values()) handset.drawBar();
}

function setScenes(scenes: Scene[]): void {
  table.scenes = scenes;
  guide.setScenes(scenes);
}

function showPage(page: Page): void {
  openBeside(page.url, `zhiping-${page.name}`, 1000, 640);
  guide.screenSeen();
}

function setPages(registered: Page[]): void {
  pages = registered;
  links.replaceChildren(...pages.map((page) => button(`${page.name} ↗`, "top-button strong", () => showPage(page), page.name)));
}

/** Everything anew: at the start, and whenever the line to the simulator was broken. */
async function synchronize(): Promise<void> {
  const [settings, phones, scenes, registered, menu] = await Promise.all([
    call<Sandbox>("GET", "/settings"),
    call<{ phones: Person[] }>("GET", "/phones"),
    call<{ scenes: Scene[] }>("GET", "/scenes"),
    call<{ pages: Page[] }>("GET", "/pages"),
    call<{ menu: Menu | null }>("GET", "/menu"),
  ]);
  table.account = settings.account_name;
  status.textContent = `${MODES[settings.mode] ?? settings.mode} · ${settings.callback_url}`;
  if ([...handsets.keys()].some((id) => !phones.phones.some((person) => person.id === id))) return location.reload();
  phones.phones.forEach((person) => meet(person));
  table.menu = menu.menu;
  setPages(registered.pages);
  layTable();
  setMenu(menu.menu);
  await Promise.all(guide.phones().map(listenIn));
  setScenes(scenes.scenes);
  await Promise.all([...handsets.values()].map((handset) => handset.load()));
  await Promise.all([journal.load(), tellTime()]);
}

/** The phones show the platform's time, which may have been moved. */
async function tellTime(): Promise<void> {
  const { now } = await call<{ now: string }>("GET", "/clock");
  for (const handset of handsets.values()) handset.tellTime(now);
}

function meet(person: Person): void {
  people.set(person.id, person);
  guide.meet(person);
}

function layTable(): void {
  const wanted = location.hash.slice(1).split(",").filter((id) => people.has(id));
  const first = wanted.length ? wanted : [...people.keys()].slice(0, FIRST);
  if (handsets.size || !first[0]) return drawDock();
  first.forEach(takeUp);
  show(first[0]);
}

/** Let the guide know what was said before this page was there. */
async function listenIn(id: string): Promise<void> {
  const { messages } = await call<{ messages: Entry[] }>("GET", `/phones/${id}/messages`);
  messages.forEach((entry) => guide.heard(id, entry));
}

function changed(person: Person): void {
  meet(person);
  handsets.get(person.id)?.update(person);
  if (handsets.size < FIRST && !location.hash.slice(1)) pick(person.id);
  drawDock();
}

function received(entry: Entry & { phone: string }): void {
  const isPush = PUSHES.includes(entry.via);
  handsets.get(entry.phone)?.add(entry);
  guide.heard(entry.phone, entry);
  if (isPush) {
    chime.ring();
    handsets.get(entry.phone)?.ring();
  }
  const isSeen = entry.phone === front && document.hasFocus();
  if (entry.sender === "account" && !isSeen && (isPush || entry.phone !== front)) dock.count(entry.phone);
  drawDock();
}

function opener(element: HTMLElement, label: string): HTMLButtonElement {
  const open = button(label, "top-button", () => {
    element.hidden = !element.hidden;
    open.ariaExpanded = String(!element.hidden);
  });
  open.ariaExpanded = "false";
  return open;
}

const add = button("＋ 手机", "top-button", choose, "拿起谁的手机");
const help = button("引导", "top-button", () => guide.toggle());
const brand = h("h1", {}, "支评", h("small", {}, "把一年的考核搬上手机 · 微信模拟器"));
const tools = h("div", { className: "tools" }, links, help, add, opener(faults, "故障"), opener(journal.element, "日志"), chime.element);
const work = h("div", { className: "work" }, guide.element, desk, journal.element);
document.body.append(h("header", { className: "top" }, brand, status, tools), faults, dock.element, work);

follow(
  {
    message: received,
    phone: changed,
    log: (line: LogLine) => journal.add(line),
    scenes: setScenes,
    pages: setPages,
    menu: setMenu,
    typing: (sign: { phone: string; typing: boolean }) => handsets.get(sign.phone)?.typing(sign.typing),
    reset: () => location.replace(location.pathname),
  },
  () => void synchronize().catch(() => (status.textContent = "读取失败，请刷新页面")),
  () => (status.textContent = "模拟器断开了，正在重连……"),
);
setInterval(() => void tellTime().catch(() => undefined), CLOCK_MS);
