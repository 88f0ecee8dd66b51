// The manifest against what it refers to.
import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

interface Contribution {
  readonly commands: readonly { readonly command: string }[];
  readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
  readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly viewsWelcome: readonly { readonly view: string }[];
  readonly configuration: readonly {
    readonly properties: Readonly<Record<string, { readonly scope?: string }>>;
  }[];
}

const root = path.resolve(import.meta.dirname, "../..");
const text = readFileSync(path.join(root, "package.json"), "utf8");
const manifest = JSON.parse(text) as { readonly contributes: Contribution };
const words = JSON.parse(readFileSync(path.join(root, "package.nls.json"), "utf8")) as Readonly<
  Record<string, string>
>;
const { commands, menus, views, viewsWelcome, configuration } = manifest.contributes;
const commandNames = commands.map(({ command }) => command);

describe("manifest", () => {
  it("every placeholder has its words, and no words are left over", () => {
    const placeholders = [...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? "");

    assert.deepEqual([...new Set(placeholders)].sort(), Object.keys(words).sort());
  });

  it("no setting can be set by a workspace", () => {
    const scopes = configuration.flatMap(({ properties }) =>
      Object.entries(properties).map(([key, { scope }]) => ({ key, scope })),
    );

    assert.ok(scopes.length > 0);
    for (const { key, scope } of scopes)
      assert.ok(scope === "application" || scope === "machine", `${key} has scope ${scope}`);
  });

  it("menus, welcome texts and views name what exists", () => {
    const inMenus = Object.values(menus).flatMap((menu) => menu.map(({ command }) => command));
    const linked = Object.values(words).flatMap((value) =>
      [...value.matchAll(/\(command:(parley\.[^)?]+)/g)].map(([, command]) => command ?? ""),
    );
    for (const command of [...inMenus, ...linked])
      assert.ok(commandNames.includes(command), `there is no command ${command}`);

    const ids = Object.values(views).flatMap((container) => container.map(({ id }) => id));
    for (const { view } of viewsWelcome) assert.ok(ids.includes(view), `there is no view ${view}`);
  });

  it("every picture is there", () => {
    const files = [...text.matchAll(/"(media\/[^"]+)"/g)].map(([, file]) => file ?? "");

    assert.ok(files.length > 0);
    for (const file of files) assert.ok(existsSync(path.join(root, file)), `${file} is missing`);
  });
});
