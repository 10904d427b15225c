/** The server's time, and how long until something. */

let ahead = 0;

/** Take the server's time (milliseconds) as of now. */
export function setClock(serverMs: number): void {
  ahead = serverMs - Date.now();
}

/** Whole seconds until an instant, by the server's clock; never less than 0. */
export function secondsUntil(at: string): number {
  return Math.max(0, Math.ceil((Date.parse(at) - Date.now() - ahead) / 1000));
}

const two = (number: number): string => String(number).padStart(2, "0");

/** `1:05:09`, or `05:09` below an hour. */
export function countDown(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

const shanghai = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});
const shanghaiDay = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long" });

/** `1月18日 11:30`, in China. */
export function moment(at: string): string {
  const part = Object.fromEntries(shanghai.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${part["month"]}月${part["day"]}日 ${part["hour"]}:${part["minute"]}`;
}

/** `2022年1月18日`, in China. */
export function day(at: string): string {
  return shanghaiDay.format(new Date(at));
}
