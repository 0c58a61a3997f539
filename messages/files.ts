/**
 * The Object Store bucket that images travel through, so that none is ever in a job or a result.
 * An original's name is its upload's id; a result's is its prediction's, so that a job computed
 * twice writes one object.
 */
export const FILES_BUCKET = 'FILES'
