// How many jobs a second graphile-worker carries: URL JOBS WORKERS plain|tuned.
const { run, makeWorkerUtils, Logger } = require("graphile-worker");
const [url, jobs, workers, how] = process.argv.slice(1);
const total = Number(jobs);

const logger = new Logger(() => () => {});
// What its authors name for the most jobs a second.
const tuned = {
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

async function main() {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  await utils.withPgClient((client) =>
    client.query(
      "select graphile_worker.add_job('nothing', json_build_object('n', n)) from generate_series(1, $1) n",
      [total],
    ),
  );
  let done = 0;
  let finish;
  const all = new Promise((resolve) => (finish = resolve));
  const begun = process.hrtime.bigint();
  const runner = await run({
    connectionString: url,
    logger,
    noHandleSignals: true,
    taskList: {
      nothing: () => {
        if (++done === total) finish();
      },
    },
    preset: {
      worker: {
        concurrentJobs: Number(workers),
        maxPoolSize: Number(workers) + 2,
        ...(how === "tuned" ? tuned : {}),
      },
    },
  });
  await all;
  // Done is what the database knows of.
  for (;;) {
    const left = await utils.withPgClient((client) =>
      client.query("select 1 from graphile_worker._private_jobs limit 1"),
    );
    if (left.rowCount === 0) break;
  }
  const took = Number(process.hrtime.bigint() - begun) / 1e9;
  await runner.stop();
  await utils.release();
  console.log(JSON.stringify({ a_second: total / took }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
