/** A photo and a voice message for those who have none at hand. */

/** What the sample voice message says, as the platform's recognition hears it. */
export const SAMPLE_WORDS = "本月主题党日已经开展，应到二十人，实到十九人。";

const WALLS = ["#f3e9dc", "#dfe9f1", "#e4ecd9"];

/** A drawn photo of a meeting room, as base64 of a JPEG; another number is another picture, that nobody takes for the same one. */
export function samplePhoto(number = 0): string {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 320 });
  const pen = canvas.getContext("2d")!;
  const fill = (colour: string, x: number, y: number, width: number, height: number) => {
    pen.fillStyle = colour;
    pen.fillRect(x, y, width, height);
  };
  fill(WALLS[number % WALLS.length]!, 0, 0, 480, 320);
  if (number % 3 === 1) fill("#2f5d50", 0, 120, 200, 200);
  if (number % 3 === 2) fill("#5a3d2b", 260, 110, 220, 90);
  fill("#b3202a", 60, 40, 360, 60);
  pen.fillStyle = "#ffe9b0";
  pen.textAlign = "center";
  pen.font = "28px sans-serif";
  pen.fillText("主题党日（示例照片）", 240, 80);
  for (let seat = 0; seat < 12 - (number % 3) * 4; seat++) {
    fill("#8a6d52", 40 + (seat % 6) * 70, 220 + Math.floor(seat / 6) * 50, 50, 30);
    pen.beginPath();
    pen.arc(65 + (seat % 6) * 70, 205 + Math.floor(seat / 6) * 50, 15, 0, 7);
    pen.fillStyle = "#3f4a5a";
    pen.fill();
  }
  return canvas.toDataURL("image/jpeg", 0.8).split(",")[1]!;
}

/** A chosen file as base64. */
export function readFile(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(new Error("读不出这个文件"));
    reader.readAsDataURL(file);
  });
}
