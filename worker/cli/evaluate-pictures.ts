import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import type { Metric } from '@presage/models/card/variant-schema'
import type { Evaluation } from '@presage/models/evaluation/evaluation'
import { z } from 'zod'
import { maskIou } from '../portrait/mask-iou.js'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import { CommandError } from './installed.js'
import { readUploads } from './read-uploads.js'

/** Where the shared data have photos, when their folder is given as a whole. */
const PORTRAITS = 'portraits'

const maskOf = (photo: string) => photo.replace(/\.[^.]+$/, '_mask.png')

async function photosIn(folder: string): Promise<string[]> {
  const files = new Set(await readdir(folder).catch(() => []))
  return [...files]
    .filter((file) => /\.(jpe?g|png|webp)$/i.test(file) && files.has(maskOf(file)))
    .sort()
    .map((file) => join(folder, file))
}

/** The photos of a folder that have a mask beside them. */
async function photosOf(data: string): Promise<string[]> {
  const own = await photosIn(data)
  const photos = own.length > 0 ? own : await photosIn(join(data, PORTRAITS))
  if (photos.length > 0) return photos
  throw new CommandError(`${data} has no photo with its <name>_mask.png beside it.`)
}

const indexSchema = z.array(z.object({ file: z.string(), persons: z.int().optional() }))

/** How many people each photo shows, by its folder's `index.json`; that may be missing. */
async function readPersons([photo = '']: readonly string[]): Promise<Map<string, number>> {
  const text = await readFile(join(dirname(photo), 'index.json'), 'utf8').catch(() => '[]')
  const known = indexSchema.parse(JSON.parse(text))
  return new Map(known.flatMap(({ file, persons }) => (persons ? [[file, persons] as const] : [])))
}

/** Nobody found counts as an empty mask: 0 where somebody was drawn. */
async function iouOf(open: OpenModel, { card }: InstalledModel, variant: string, photo: string) {
  const [feature] = card.features.filter(({ type }) => type === 'upload')
  const row = { values: { [feature?.name ?? '']: photo }, explain: false }
  const [outcome] = await open.predict(variant, [row], await readUploads(card, [row]))
  if (!outcome) throw new Error('the model answered no row')
  if ('failure' in outcome && outcome.failure.code !== 'NO_PERSON')
    throw new CommandError(`${photo}: ${outcome.failure.message}`)
  return maskIou('failure' in outcome ? undefined : outcome.file, maskOf(photo))
}

function meanOf(ious: readonly number[]): Metric {
  const sum = ious.reduce((total, iou) => total + iou, 0)
  const value = Math.round((1e4 * sum) / ious.length) / 1e4
  return { name: 'meanIou', value, rows: ious.length }
}

function byPersons(ious: ReadonlyMap<string, number>, persons: ReadonlyMap<string, number>) {
  const numbers = [...new Set(persons.values())].sort((one, other) => one - other)
  return numbers.flatMap((number) => {
    const own = [...ious].filter(([photo]) => persons.get(basename(photo)) === number)
    const metrics = [meanOf(own.map(([, iou]) => iou))]
    return own.length > 0 ? [{ by: 'people in the photo', group: String(number), metrics }] : []
  })
}

/**
 * Cuts out every photo of a folder that has a mask beside it, people white, and compares.
 * @param tell hears of each photo.
 * @returns for each variant the mean intersection over union, of so many images.
 * @throws CommandError when there is no such pair, or a photo cannot be read.
 */
export async function evaluatePictures(
  model: InstalledModel,
  data: string,
  tell: (photo: string, iou: number) => void,
): Promise<Evaluation> {
  const photos = await photosOf(data)
  const persons = await readPersons(photos)
  const open = await openModel(model)
  const evaluation: Evaluation = {}
  for (const { name } of model.card.variants) {
    const ious = new Map<string, number>()
    for (const photo of photos) {
      const iou = await iouOf(open, model, name, photo)
      tell(photo, iou)
      ious.set(photo, iou)
    }
    const subgroups = byPersons(ious, persons)
    evaluation[name] = { metrics: [meanOf([...ious.values()])], subgroups }
  }
  open.close()
  return evaluation
}
