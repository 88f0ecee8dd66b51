// Compares our server with others under the same load, on the same machine, in the same run. Linux only.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Results, progressLine, report } from "./report.js";
import { FULL, GROUPS, QUICK, SCENARIOS, type Group } from "./scenarios.js";
import { COMPARED, SERVER_NAMES, ensureServer, startServer, type ServerName } from "./servers.js";

const USAGE = `Usage: npm run bench -- [options]

  --scenario NAME      only this one; repeatable (${SCENARIOS.map(({ name }) => name).join(", ")})
  --server NAME        only this one; repeatable (${SERVER_NAMES.join(", ")}); ratios are those of the first
  --runs N             how often everything is measured, each time on a fresh server (default 3, with --quick 1)
  --quick              small loads: shows that all of it works; the figures say little
  --bundle FILE        our server (default dist/server.js)
  --profiles DIR       CPU profiles of our server, one for each time it is started
`;

const OPTIONS = {
  scenario: { type: "string", multiple: true },
  server: { type: "string", multiple: true },
  runs: { type: "string" },
  quick: { type: "boolean", default: false },
  bundle: { type: "string", default: join(import.meta.dirname, "..", "dist", "server.js") },
  profiles: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

class UsageError extends Error {}

function parseOptions() {
  const { values } = parseArgs({ options: OPTIONS });
  const scenarios = values.scenario ?? SCENARIOS.map(({ name }) => name);
  const unknown = scenarios.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new UsageError(`--scenario ${unknown}: there is none such`);
  const runs = values.runs === undefined ? (values.quick ? 1 : 3) : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100)
    throw new UsageError(`--runs ${values.runs ?? ""}: 1 to 100`);
  // Our server runs in a folder of its own.
  const bundle = resolve(values.bundle);
  const servers = chosenServers(values.server);
  return { ...values, bundle, scenarios: new Set(scenarios), servers, runs };
}

function chosenServers(names: readonly string[] = COMPARED): readonly ServerName[] {
  return names.map((name) => {
    const known = SERVER_NAMES.find((server) => server === name);
    if (known === undefined) throw new UsageError(`--server ${name}: there is none such`);
    return known;
  });
}

type Options = ReturnType<typeof parseOptions>;

/** The servers that can be started here; the others are named with the reason. */
async function availableServers({ servers, bundle }: Options): Promise<readonly ServerName[]> {
  if (!existsSync(bundle)) throw new UsageError(`${bundle} is missing: npm run build`);
  const available: ServerName[] = [];
  for (const server of servers) {
    try {
      await ensureServer(server);
      available.push(server);
    } catch (error) {
      console.log(`left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return available;
}

async function runGroup(
  group: Group,
  name: ServerName,
  { bundle, profiles, quick, scenarios }: Options,
  results: Results,
): Promise<void> {
  const server = await startServer(name, { bundle, profiles });
  const wanted = (scenario: string) => scenarios.has(scenario);
  try {
    await group.run(server, quick ? QUICK : FULL, wanted, (names, measurement) => {
      const chosen = names.filter(wanted);
      for (const scenario of chosen) results.add(name, scenario, measurement);
      if (chosen.length > 0) console.log(progressLine(name, chosen, measurement));
    });
  } catch (error) {
    // One server's collapse is a result, too.
    console.log(`${name} ${group.scenarios.join(", ")}: ${String(error)}`);
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const servers = await availableServers(options);
  const results = new Results();
  for (let run = 1; run <= options.runs; run++) {
    for (const group of GROUPS) {
      if (!group.scenarios.some((name) => options.scenarios.has(name))) continue;
      for (const server of servers) {
        if (group.only === undefined || group.only.includes(server))
          await runGroup(group, server, options, results);
      }
    }
  }
  console.log(`\n${report(results, servers)}`);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    const isUsage = error instanceof UsageError || (error instanceof Error && "code" in error);
    console.error(isUsage ? `${error.message}\n\n${USAGE}` : error);
    process.exitCode = isUsage ? 2 : 1;
  },
);
