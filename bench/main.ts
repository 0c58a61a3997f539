// `pnpm bench` measures the pipeline, `pnpm bench models` the models' runtimes alone.
if (process.argv[2] === 'models') await import('./models.js')
else await import('./pipeline.js')
