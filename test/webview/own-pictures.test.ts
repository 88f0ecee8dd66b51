// A picture of one's own: chosen, cropped and made small on the page, and shown to others.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { maxZoom, moved, sideOf, wholeCrop, zoomed } from "../../src/webview/crop.js";
import { MAX_FILE_BYTES, readImageFile } from "../../src/webview/image-file.js";
import { SVG, animatedPng, exif, hugePng, jpeg, picture, png } from "../support/pictures.js";
import { temporaryFolder } from "../support/server.js";
import { panels, type Panel } from "./support/panel.js";
import { member, message, person, showing, spaced, view } from "./support/views.js";

const PLACE = "52.5163 N 13.3777 E";
const ID = "0123456789abcdef0123456789abcdef";
const dataUrl = (bytes: Buffer, type = "image/png") =>
  `data:${type};base64,${bytes.toString("base64")}`;
const latin1 = (text: string) => Buffer.from(text, "latin1");

function gif(
  width: number,
  height: number,
  frame: readonly [number, number] = [width, height],
): Buffer {
  const size = (...numbers: number[]) => Buffer.from(new Uint16Array(numbers).buffer);
  return Buffer.concat([
    latin1("GIF89a"),
    size(width, height),
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x2c]),
    size(0, 0, ...frame),
    Buffer.from([0, 2, 2, 0x44, 1, 0, 0x3b]),
  ]);
}

function webp(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.write("RIFF", 0).toString();
  bytes.write("WEBPVP8X", 8);
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

describe("a file that is chosen as a picture", () => {
  for (const [what, bytes, found] of [
    ["a PNG", png({ width: 30, height: 20 }), { type: "image/png", width: 30, height: 20 }],
    ["a JPEG", jpeg({ width: 300, height: 200 }), { type: "image/jpeg", width: 300, height: 200 }],
    [
      "a JPEG with EXIF",
      jpeg({ width: 24, height: 8, segments: [exif(PLACE)] }),
      { type: "image/jpeg", width: 24, height: 8 },
    ],
    ["a GIF", gif(10, 12), { type: "image/gif", width: 10, height: 12 }],
    ["a WebP", webp(700, 5000), { type: "image/webp", width: 700, height: 5000 }],
    ["nothing", Buffer.alloc(0), "empty"],
    ["more than 20 MB", Buffer.alloc(MAX_FILE_BYTES + 1), "too-large"],
    ["an SVG", SVG, "svg"],
    [
      "an SVG with a beginning",
      Buffer.from(`<?xml version="1.0"?>\n<!-- x -->${SVG.toString()}`),
      "svg",
    ],
    ["a HEIC of a phone", latin1("\0\0\0\x18ftypheic\0\0\0\0"), "heic"],
    ["text", Buffer.from("hello"), "wrong-type"],
    ["HTML", Buffer.from("<html><script>alert(1)</script>"), "wrong-type"],
    ["a PDF", Buffer.from("%PDF-1.7"), "wrong-type"],
    ["a PNG of 100 megapixels", hugePng(), "too-many-pixels"],
    ["a GIF whose frame is larger than itself", gif(10, 10, [10_000, 10_000]), "too-many-pixels"],
    ["a WebP of 16 000 × 16 000", webp(16_000, 16_000), "too-many-pixels"],
    ["a PNG that is cut off", png().subarray(0, 18), "damaged"],
    ["a JPEG that is cut off", jpeg().subarray(0, 30), "damaged"],
    ["a GIF that is cut off", gif(5, 5).subarray(0, 9), "damaged"],
    [
      "a WebP of an unknown kind",
      Buffer.concat([webp(5, 5).subarray(0, 12), Buffer.alloc(30)]),
      "damaged",
    ],
    ["a PNG without height", png({ height: 0 }), "damaged"],
  ] as const)
    it(`is ${what}`, () => {
      assert.deepEqual(readImageFile(bytes), found);
    });

  it("is a JPEG of 100 megapixels, whichever of its sizes counts", () => {
    const bytes = jpeg();
    const size = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    const large = Buffer.from(bytes);
    large.writeUInt16BE(10_000, size + 5);
    large.writeUInt16BE(10_000, size + 7);
    assert.equal(readImageFile(large), "too-many-pixels");
    const both = Buffer.concat([large.subarray(0, size + 13), bytes.subarray(size)]);
    assert.equal(readImageFile(both), "too-many-pixels");
  });
});

describe("the square that is taken of an image", () => {
  const size = { width: 400, height: 200 };

  it("is the largest in the middle at first", () => {
    assert.deepEqual(wholeCrop(size), { x: 200, y: 100, zoom: 1 });
    assert.equal(sideOf(size, 1), 200);
  });

  it("moves up to the edges, and no further", () => {
    assert.deepEqual(moved(size, wholeCrop(size), 0.25, 0.25), { x: 250, y: 100, zoom: 1 });
    assert.deepEqual(moved(size, wholeCrop(size), -9, 0), { x: 100, y: 100, zoom: 1 });
  });

  it("stays inside when it is zoomed out again at the edge", () => {
    const corner = moved(size, zoomed(size, wholeCrop(size), 4), 9, 9);
    assert.deepEqual(corner, { x: 375, y: 175, zoom: 4 });
    assert.deepEqual(zoomed(size, corner, 1), { x: 300, y: 100, zoom: 1 });
  });

  it("is never smaller than what one can still make out", () => {
    assert.equal(maxZoom({ width: 64, height: 640 }), 2);
    assert.equal(maxZoom({ width: 10, height: 10 }), 1);
    assert.equal(zoomed(size, wholeCrop(size), 1000).zoom, 6.25);
  });
});

/** The dialog, opened as the palette opens it. */
async function dialogOf({ page, host }: Panel) {
  host.choosePicture();
  const dialog = page.getByRole("dialog", { name: "Your picture" });
  await dialog.waitFor();
  return dialog;
}

/** Chooses a file as a person does. */
async function choose({ page }: Panel, buffer: Buffer, name = "me.png"): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Choose (?:a Picture|Another)…$/ }).click();
  // By way of a file: what is large takes long otherwise.
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, buffer);
  await (await chooser).setFiles(file);
}

/** The colors of a picture, as a browser draws it, at these places from 0 to 1. */
function colorsOf({ page }: Panel, bytes: Buffer, places: readonly (readonly [number, number])[]) {
  return page.evaluate(
    async ([data, at]) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(data)]));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      return at.map(([x, y]) => [
        ...context.getImageData(Math.floor(x * image.width), Math.floor(y * image.height), 1, 1)
          .data,
      ]);
    },
    [[...bytes], places] as const,
  );
}

describe("choosing a picture", () => {
  const open = panels();

  it("crops it to a square, makes it small, and leaves out where it was taken", async () => {
    const panel = await open();
    const dialog = await dialogOf(panel);
    // Left half dark, right half light; turned by its EXIF, it is dark above and light below.
    const photo = jpeg({
      width: 640,
      height: 640,
      shade: (column) => (column < 40 ? -100 : 100),
      segments: [exif(PLACE, 6)],
    });
    assert.ok(photo.includes(PLACE));
    await choose(panel, photo, "photo.jpg");
    await dialog.getByRole("button", { name: "Use This Picture" }).click();
    await dialog.waitFor({ state: "hidden" });
    const [sent = Buffer.alloc(0)] = panel.host.picturesSet;
    const { type, width, height } = picture(sent);
    assert.deepEqual([type, width, height], ["image/jpeg", 256, 256]);
    assert.ok(!sent.includes("Exif") && !sent.includes(PLACE));
    const [[top = 0] = [], [bottom = 0] = []] = await colorsOf(panel, sent, [
      [0.5, 0.1],
      [0.5, 0.9],
    ]);
    assert.ok(top < 60 && bottom > 200, `${top} above, ${bottom} below`);
  });

  it("keeps what is transparent, and makes it smaller until it fits", async () => {
    const panel = await open();
    const dialog = await dialogOf(panel);
    // Noise cannot be compressed, and half of it shows what is behind it.
    let seed = 1;
    const noise = () => (seed = (seed * 48_271) % 2_147_483_647) & 255;
    await choose(
      panel,
      png({ width: 300, height: 300, color: () => [noise(), noise(), noise(), noise()] }),
    );
    await dialog.getByRole("button", { name: "Use This Picture" }).click();
    await dialog.waitFor({ state: "hidden" });
    const [sent = Buffer.alloc(0)] = panel.host.picturesSet;
    const { type, width, bytes } = picture(sent);
    assert.equal(type, "image/png");
    assert.ok(width < 256 && bytes.length <= 65_536);
  });

  it("moves and zooms by keyboard, mouse and slider", async () => {
    const panel = await open();
    const { page } = panel;
    const dialog = await dialogOf(panel);
    // Red, green and blue from the left to the right.
    const stripes = (x: number): readonly [number, number, number, number] =>
      x < 200 ? [255, 0, 0, 255] : x < 400 ? [0, 255, 0, 255] : [0, 0, 255, 255];
    await choose(panel, png({ width: 600, height: 200, color: stripes }));
    const part = dialog.getByRole("group", { name: "The part that is shown" });
    await part.waitFor();
    assert.ok(await part.evaluate((element) => element.matches(":focus")));
    const middle = () =>
      part
        .locator("canvas")
        .evaluate((canvas: HTMLCanvasElement) => [
          ...canvas.getContext("2d")!.getImageData(240, 240, 1, 1).data,
        ]);
    assert.deepEqual(await middle(), [0, 255, 0, 255]);
    for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
    assert.deepEqual(await middle(), [0, 0, 255, 255]);
    for (let i = 0; i < 40; i++) await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await middle(), [255, 0, 0, 255]);
    const zoom = dialog.getByRole("slider", { name: "Zoom" });
    assert.equal(await zoom.inputValue(), "1");
    await page.keyboard.press("+");
    assert.equal(await zoom.getAttribute("aria-valuetext"), "110%");
    await part.hover();
    await page.mouse.wheel(0, -100);
    assert.equal(await zoom.getAttribute("aria-valuetext"), "121%");
    await zoom.fill("1");
    // The picture goes with the pointer.
    await page.mouse.down();
    await page.mouse.move(-400, 300, { steps: 5 });
    await page.mouse.up();
    assert.deepEqual(await middle(), [0, 0, 255, 255]);
  });

  const refused: readonly (readonly [string, Buffer, RegExp])[] = [
    [
      "an SVG",
      SVG,
      /SVG pictures can contain programs.*a PNG, JPEG, GIF or WebP file of at most 20 MB/,
    ],
    [
      "what is no picture",
      Buffer.from("hello"),
      /not a picture that can be used\..*Choose a PNG, JPEG/,
    ],
    ["an empty file", Buffer.alloc(0), /The file is empty.*Choose a PNG/],
    ["a damaged picture", png().subarray(0, 45), /damaged and cannot be opened.*Choose a PNG/],
    ["more than 20 MB", Buffer.alloc(MAX_FILE_BYTES + 1), /too large.*at most 20 MB/],
    ["100 megapixels", hugePng(), /at most 50 megapixels.*smaller first/],
  ];
  for (const [what, bytes, words] of refused)
    it(`refuses ${what} in plain words, and goes on`, async () => {
      const panel = await open();
      // What is never to be decoded would be decoded here.
      await panel.page.evaluate(() => {
        const decode = createImageBitmap;
        Object.assign(window, {
          decoded: 0,
          createImageBitmap: (...given: Parameters<typeof createImageBitmap>) => {
            (window as unknown as { decoded: number }).decoded++;
            return decode(...given);
          },
        });
      });
      const dialog = await dialogOf(panel);
      await choose(panel, bytes, "me.png");
      await dialog.getByRole("alert").filter({ hasText: words }).waitFor();
      const decoded = await panel.page.evaluate("window.decoded");
      if (what === "100 megapixels") assert.equal(decoded, 0);
      await choose(panel, png({ width: 64, height: 64 }));
      await dialog.getByRole("button", { name: "Use This Picture" }).waitFor();
      assert.equal(await dialog.getByRole("alert").innerText(), "");
      // One that cannot be used leaves the one that is there.
      await choose(panel, bytes);
      await dialog.getByRole("alert").filter({ hasText: words }).waitFor();
      await dialog.getByRole("button", { name: "Use This Picture" }).click();
      await dialog.waitFor({ state: "hidden" });
      assert.equal(panel.host.picturesSet.length, 1);
    });

  it("takes the first frame of what moves", async () => {
    const panel = await open();
    const dialog = await dialogOf(panel);
    for (const bytes of [animatedPng(), gif(1, 1)]) {
      await choose(panel, bytes);
      await dialog.getByRole("button", { name: "Use This Picture" }).waitFor();
      assert.equal(await dialog.getByRole("alert").innerText(), "");
    }
  });

  it("takes a picture that is dropped or pasted", async () => {
    for (const type of ["drop", "paste"] as const) {
      const panel = await open();
      const dialog = await dialogOf(panel);
      await dialog.evaluate(
        (element, [kind, data]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(data)], "me.png", { type: "image/png" }));
          element.dispatchEvent(
            kind === "drop"
              ? new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true })
              : new ClipboardEvent(kind, {
                  clipboardData: transfer,
                  bubbles: true,
                  cancelable: true,
                }),
          );
        },
        [type, [...png({ width: 40, height: 40 })]] as const,
      );
      await dialog.getByRole("button", { name: "Use This Picture" }).waitFor();
    }
  });

  it("says what the host answers, and loses nothing", async () => {
    const panel = await open();
    const dialog = await dialogOf(panel);
    await choose(panel, png({ width: 64, height: 64 }));
    panel.host.pictureError = "The server did not take your picture: it is full.";
    await dialog.getByRole("button", { name: "Use This Picture" }).click();
    await dialog.getByRole("alert").filter({ hasText: "it is full" }).waitFor();
    panel.host.pictureError = undefined;
    await dialog.getByRole("button", { name: "Use This Picture" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal(panel.host.picturesSet.length, 2);
  });

  it("says at once where no one will see it", async () => {
    const self = { ...view.self!, takesPictures: false };
    const dialog = await dialogOf(await open({ view: { ...view, self } }));
    await dialog
      .getByText("This server does not keep pictures: people here see your initials.")
      .waitFor();
  });

  it("is found at one's own picture, and left by Escape", async () => {
    const panel = await open();
    await panel.page.getByRole("button", { name: /ann/ }).first().click();
    await panel.page.getByRole("button", { name: "Change Picture…" }).click();
    const dialog = panel.page.getByRole("dialog", { name: "Your picture" });
    await dialog.waitFor();
    await panel.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.deepEqual(panel.host.picturesSet, []);
  });
});

describe("someone's own picture", () => {
  const open = panels();
  const talk = showing({
    rows: spaced([message("bob", "one"), message("carla", "two"), message("bob", "three")]),
    people: [person("ann"), person("bob", { picture: ID }), person("carla")],
    members: [member("ann", { isSelf: true }), member("bob"), member("carla")],
  });

  const empty = { ...talk, current: { ...talk.current!, rows: [], people: [], members: [] } };

  it("stands in the rows and the list of users once it has come, initials until then", async () => {
    let come: (data: string) => void = () => undefined;
    const panel = await open({ view: empty });
    panel.host.pictures.set(ID, new Promise((resolve) => (come = resolve)));
    panel.host.show(talk);
    await panel.page.locator("own-picture .initials").nth(2).waitFor();
    come(dataUrl(png()));
    await panel.log.locator("own-picture img").nth(1).waitFor();
    await panel.page.locator("user-list own-picture img").waitFor();
  });

  it("is asked for once, however often it stands there", async () => {
    const panel = await open({ view: empty });
    panel.host.pictures.set(ID, dataUrl(png()));
    panel.host.show(talk);
    const images = panel.page.locator("own-picture img");
    await images.nth(2).waitFor();
    assert.equal(await images.first().getAttribute("src"), dataUrl(png()));
    assert.deepEqual(panel.host.picturesAsked, [ID]);
    assert.ok(
      await images
        .first()
        .evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth === 8),
    );
  });

  it("that could not be had is asked for again when we are connected again", async () => {
    const panel = await open({ view: empty });
    panel.host.show(talk);
    await panel.page.locator("own-picture .initials").first().waitFor();
    panel.host.show({ ...talk, connection: { phase: "connecting", text: "On the way" } });
    await panel.page.getByText("On the way").first().waitFor();
    panel.host.pictures.set(ID, dataUrl(png()));
    panel.host.show(talk);
    const pictures = panel.page.locator("own-picture");
    await panel.page
      .locator("own-picture img")
      .nth((await pictures.count()) - 1)
      .waitFor();
    assert.deepEqual(panel.host.picturesAsked, [ID, ID]);
  });

  for (const [what, data] of [
    ["an address elsewhere", "https://evil.example/track.png"],
    ["an SVG", dataUrl(SVG, "image/svg+xml")],
  ] as const)
    it(`is never ${what}`, async () => {
      const panel = await open({ view: empty });
      panel.host.pictures.set(ID, data);
      panel.host.show(talk);
      await panel.page.locator("own-picture .initials").first().waitFor();
      assert.equal(await panel.page.locator("own-picture img").count(), 0);
    });

  it("that a browser cannot draw gives way to initials", async () => {
    const panel = await open({ view: empty });
    panel.host.pictures.set(ID, dataUrl(Buffer.from("no picture")));
    panel.host.show(talk);
    await panel.page.locator("own-picture .initials").first().waitFor();
    await panel.page.locator("own-picture img").first().waitFor({ state: "detached" });
  });
});
