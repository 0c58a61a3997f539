// `pnpm bench` measures the pipeline, `pnpm bench models` the models' runtimes alone, and
// `pnpm bench desk` the rescoring of a portfolio.
if (process.argv[2] === 'models') await import('./models.js')
else if (process.argv[2] === 'desk') await import('./desk.js')
else await import('./pipeline.js')
