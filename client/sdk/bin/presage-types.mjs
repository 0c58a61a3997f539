#!/usr/bin/env node
await import(new URL('../dist/types/main.js', import.meta.url).href)
