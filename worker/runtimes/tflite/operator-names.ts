/** Names of the commoner built-in operators by their number in the schema. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'ADD',
  1: 'AVERAGE_POOL_2D',
  2: 'CONCATENATION',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  5: 'DEPTH_TO_SPACE',
  6: 'DEQUANTIZE',
  9: 'FULLY_CONNECTED',
  14: 'LOGISTIC',
  17: 'MAX_POOL_2D',
  18: 'MUL',
  19: 'RELU',
  21: 'RELU6',
  22: 'RESHAPE',
  23: 'RESIZE_BILINEAR',
  25: 'SOFTMAX',
  28: 'TANH',
  34: 'PAD',
  39: 'TRANSPOSE',
  40: 'MEAN',
  41: 'SUB',
  42: 'DIV',
  45: 'STRIDED_SLICE',
  54: 'PRELU',
  60: 'PADV2',
  67: 'TRANSPOSE_CONV',
  97: 'RESIZE_NEAREST_NEIGHBOR',
  114: 'QUANTIZE',
  117: 'HARD_SWISH',
}

const CUSTOM = 32

/** What an operator is called: a custom one by its own name, an uncommon one by its number. */
export function operatorName(code: number, custom: string): string {
  if (code === CUSTOM) return custom || 'CUSTOM'
  return NAMES[code] ?? `BUILTIN_${code}`
}
