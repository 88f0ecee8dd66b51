// The figures as tables.
import { median, type Measurement } from "./measuring.js";
import { SCENARIOS, type Scenario } from "./scenarios.js";
import type { ServerName } from "./servers.js";

/** All runs, by server and scenario. */
export class Results {
  private readonly runs = new Map<string, Measurement[]>();

  add(server: ServerName, scenario: string, measurement: Measurement): void {
    const key = `${server} ${scenario}`;
    this.runs.set(key, [...(this.runs.get(key) ?? []), measurement]);
  }

  of(server: ServerName, scenario: string): readonly Measurement[] {
    return this.runs.get(`${server} ${scenario}`) ?? [];
  }

  /** The median of a scenario's value, or undefined where it was not run. */
  value(server: ServerName, { name, value }: Scenario): number | undefined {
    const runs = this.of(server, name);
    return runs.length === 0 ? undefined : median(runs.map(value));
  }
}

/** A load generator that uses more of its core than this is what was measured. */
const MAX_LOAD_SHARE = 0.9;
const HALF_TAGGED = { scenario: "tags-1000", base: "burst-1000", goal: 0.6 };

/** One line on one run, for whoever watches. */
export function progressLine(
  server: ServerName,
  scenarios: readonly string[],
  run: Measurement,
): string {
  const { done, wallSeconds, serverCpuSeconds, loadCpuSeconds, p50, p99, lateP99 } = run;
  const latency =
    p99 === undefined
      ? ""
      : `, p50 ${figure(p50)} ms, p99 ${figure(p99)} ms (sent up to ${figure(lateP99)} ms late)`;
  return (
    `${server} ${scenarios.join(", ")}: ${figure(done)} in ${figure(wallSeconds)} s, ` +
    `server ${figure(serverCpuSeconds)} CPU s, load ${figure(loadCpuSeconds)} CPU s${latency}` +
    faultsText([run])
  );
}

/** All that was measured, and how it stands to the goals. */
export function report(results: Results, servers: readonly ServerName[]): string {
  const scenarios = SCENARIOS.filter(({ name }) =>
    servers.some((server) => results.of(server, name).length > 0),
  );
  return [
    "Medians. CPU: share of one core, of the server / of the load generator.",
    valueTable(results, servers, scenarios),
    `LOAD: the load generator used more than ${percent(MAX_LOAD_SHARE)} of its core. Where it did, the wall clock may be its
own; what a delivery costs the server in CPU seconds does not depend on it.`,
    "Ratios of the medians, with their goals.",
    ratioTable(results, servers, scenarios),
    faultList(results, servers, scenarios),
  ].join("\n\n");
}

function valueTable(
  results: Results,
  servers: readonly ServerName[],
  scenarios: readonly Scenario[],
): string {
  const rows = scenarios.map((scenario) => [
    scenario.name,
    scenario.unit,
    ...servers.map((server) => valueCell(results, server, scenario)),
  ]);
  return table([["scenario", "unit", ...servers], ...rows]);
}

function valueCell(results: Results, server: ServerName, scenario: Scenario): string {
  const value = results.value(server, scenario);
  if (value === undefined) return "-";
  const runs = results.of(server, scenario.name);
  const share = (seconds: (run: Measurement) => number) =>
    median(runs.map((run) => seconds(run) / run.wallSeconds));
  const load = share((run) => run.loadCpuSeconds);
  const shares = `${percent(share((run) => run.serverCpuSeconds))}/${percent(load)}`;
  const warning = load > MAX_LOAD_SHARE ? " LOAD" : "";
  const faulty = runs.some((run) => run.faults.total > 0 || !run.isComplete) ? " FAULTS" : "";
  return `${figure(value)} (${shares}${warning}${faulty})`;
}

function ratioTable(
  results: Results,
  servers: readonly ServerName[],
  scenarios: readonly Scenario[],
): string {
  const [own, ...others] = servers;
  if (own === undefined) return "";
  const rows = scenarios.map((scenario) => {
    const value = results.value(own, scenario);
    const cells = others.map((other) => {
      const theirs = results.value(other, scenario);
      if (value === undefined || theirs === undefined) return "-";
      return judged(value / theirs, scenario.goals?.[other], scenario.isLess);
    });
    return [scenario.name, value === undefined ? "-" : ownCell(results, own, scenario), ...cells];
  });
  return table([["scenario", own, ...others.map((other) => `to ${other}`)], ...rows]);
}

function ownCell(results: Results, own: ServerName, scenario: Scenario): string {
  const value = results.value(own, scenario) ?? Number.NaN;
  if (scenario.name !== HALF_TAGGED.scenario) return judged(value, scenario.goal, scenario.isLess);
  const base = SCENARIOS.find(({ name }) => name === HALF_TAGGED.base);
  const untagged = base === undefined ? undefined : results.value(own, base);
  return untagged === undefined
    ? figure(value)
    : `${judged(value / untagged, HALF_TAGGED.goal, false)} of ${HALF_TAGGED.base}`;
}

function judged(value: number, goal: number | undefined, isLess = false): string {
  if (goal === undefined) return figure(value);
  const isMet = isLess ? value <= goal : value >= goal;
  return `${figure(value)} ${isMet ? "meets" : "MISSES"} ${isLess ? "<=" : ">="} ${figure(goal)}`;
}

function faultList(
  results: Results,
  servers: readonly ServerName[],
  scenarios: readonly Scenario[],
): string {
  const lines = scenarios.flatMap(({ name }) =>
    servers.flatMap((server) => {
      const text = faultsText(results.of(server, name));
      return text === "" ? [] : [`${server} ${name}${text}`];
    }),
  );
  return lines.length === 0
    ? "Lost, reordered, garbled, disconnected: 0, checked on every delivery."
    : ["Faults:", ...lines].join("\n");
}

function faultsText(runs: readonly Measurement[]): string {
  const sum = (kind: "lost" | "reordered" | "garbled" | "disconnected") =>
    runs.reduce((total, { faults }) => total + faults[kind], 0);
  const counts = (["lost", "reordered", "garbled", "disconnected"] as const)
    .filter((kind) => sum(kind) > 0)
    .map((kind) => `${sum(kind)} ${kind}`);
  if (runs.some(({ isComplete }) => !isComplete)) counts.push("not done in time");
  const samples = runs.flatMap(({ faults }) => faults.samples).slice(0, 3);
  return counts.length === 0 ? "" : `: ${[counts.join(", "), ...samples].join("\n    ")}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "?";
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2).replace(/\.0$/, "");
}
