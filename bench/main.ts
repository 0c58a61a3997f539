// `pnpm bench` measures the pipeline, `pnpm bench models` the models' runtimes alone, `pnpm bench desk`
// the rescoring of a portfolio and its seed, and `pnpm bench traces` what the export of traces costs the pipeline.
if (process.argv[2] === 'models') await import('./models.js')
else if (process.argv[2] === 'desk') await import('./desk.js')
else if (process.argv[2] === 'traces') await import('./traces.js')
else await import('./pipeline.js')
