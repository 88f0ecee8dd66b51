// Several sessions talk over bad networks to a server that is killed now and then; in the end everyone must see what is stored.
import { parseArgs } from "node:util";
import { runSeed } from "./run.js";

const USAGE = `npm run test:chaos -- [options]
  --seeds N      how many runs, each with the next seed (10)
  --seed N       the first seed (1): the same seed makes the same plan of faults
  --sessions N   people who talk (6)
  --messages N   channel messages of all of them together (3000)
  --directs N    direct messages of all of them together (100)`;

const DEFAULTS = { seeds: 10, seed: 1, sessions: 6, messages: 3_000, directs: 100 };

type Numbers = Record<keyof typeof DEFAULTS, number>;

function numbersOf(args: readonly string[]): Numbers {
  const options = Object.fromEntries(
    Object.keys(DEFAULTS).map((name) => [name, { type: "string" as const }]),
  );
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const numbers: Numbers = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Numbers)[]) {
    const value = values[name];
    if (value === undefined) continue;
    numbers[name] = Number(value);
    if (!Number.isInteger(numbers[name]) || numbers[name] < 1)
      throw new TypeError(`--${name} must be a whole number of 1 or more.`);
  }
  return numbers;
}

async function main(): Promise<boolean> {
  const { seeds, seed, ...plan } = numbersOf(process.argv.slice(2));
  let failed = 0;
  for (let next = seed; next < seed + seeds; next++) {
    const started = Date.now();
    const { problems, faults } = await runSeed({ ...plan, seed: next });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    if (problems.length > 0) failed++;
    console.log(
      `seed ${next}: ${problems.length === 0 ? "ok" : "FAILED"}, ${faults}, ${seconds} s`,
    );
    for (const problem of problems) console.log(`  ${problem}`);
  }
  console.log(`${seeds - failed} passed, ${failed} failed`);
  return failed === 0;
}

main().then(
  (hasPassed) => {
    process.exit(hasPassed ? 0 : 1);
  },
  (error: unknown) => {
    console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error);
    process.exit(2);
  },
);
