import type { DeskClient } from '@presage/domain/desk/client'
import {
  Education as EducationValues,
  Employment as EmploymentValues,
  Housing as HousingValues,
  MaritalStatus as MaritalStatusValues,
  Sex as SexValues,
} from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'

export const Sex = builder.enumType('ClientSex', { values: Object.values(SexValues) })
export const Education = builder.enumType('Education', { values: Object.values(EducationValues) })
export const MaritalStatus = builder.enumType('MaritalStatus', {
  values: Object.values(MaritalStatusValues),
})
export const Employment = builder.enumType('Employment', {
  values: Object.values(EmploymentValues),
})
export const Housing = builder.enumType('Housing', { values: Object.values(HousingValues) })

/** What the desk knows of a client. */
export const ClientProfile = builder.objectRef<DeskClient>('ClientProfile').implement({
  description:
    'What the desk knows of a client; null = not known. Protected fields read as null to managers unless the policy switches them on.',
  fields: (t) => ({
    firstName: t.exposeString('firstName'),
    middleName: t.exposeString('middleName', { nullable: true }),
    lastName: t.exposeString('lastName'),
    sex: t.expose('sex', { type: Sex, nullable: true, description: 'Protected.' }),
    age: t.exposeInt('age', { nullable: true, description: 'Protected.' }),
    maritalStatus: t.expose('maritalStatus', {
      type: MaritalStatus,
      nullable: true,
      description: 'Protected.',
    }),
    education: t.expose('education', { type: Education, nullable: true }),
    dependants: t.exposeInt('dependants', { nullable: true }),
    employment: t.expose('employment', { type: Employment, nullable: true }),
    income: t.exposeFloat('income', {
      nullable: true,
      description: 'Of a year, in the currency of the credit line.',
    }),
    housing: t.expose('housing', { type: Housing, nullable: true }),
    byPhone: t.exposeBoolean('byPhone', { nullable: true, description: 'May be called.' }),
    byEmail: t.exposeBoolean('byEmail', { nullable: true, description: 'May be written to.' }),
    byPost: t.exposeBoolean('byPost', { nullable: true, description: 'May be sent letters.' }),
  }),
})
