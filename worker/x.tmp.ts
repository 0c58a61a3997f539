import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { readAdults } from '@presage/models/depression-risk/dataset'
import { judgeRows } from '@presage/models/evaluation/judge-rows'
import { differenceOfAreas } from '@presage/models/metrics/auc'
import { answerRowsOf } from './cli/answer-rows.js'
const m=(await loadCatalogue()).model('depression-risk'); if(!m) throw 1
const {adults}=await readAdults('../shared/data')
const a=answerRowsOf(m)
const j:any={}
for(const v of ['linear','forest','boosted','compare']) j[v]=await judgeRows(adults,a,v,'out-of-fold')
for(const [x,y] of [['linear','forest'],['linear','boosted'],['boosted','forest'],['compare','forest'],['compare','linear']]) console.log(x,y,differenceOfAreas(j[x!],j[y!]))
