import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import { clientFields, scoreFields } from './client.js'

export const askScoreMutation = graphql(
  `
    mutation AskScore($input: AskScoreInput!) {
      result: askScore(input: $input) {
        ...Refusal
        ... on AskScorePayload { status replayed score { ...DeskScoreFields } }
      }
    }
  `,
  [refusalFields, scoreFields],
)

export const editClientMutation = graphql(
  `
    mutation EditClient($input: EditClientInput!) {
      result: editClient(input: $input) { ...Refusal ... on Client { ...DeskClientFields } }
    }
  `,
  [refusalFields, clientFields],
)

export const recordPaymentMutation = graphql(
  `
    mutation RecordPayment($input: RecordPaymentInput!) {
      result: recordPayment(input: $input) { ...Refusal ... on Client { ...DeskClientFields } }
    }
  `,
  [refusalFields, clientFields],
)

export const addNoteMutation = graphql(
  `
    mutation AddNote($client: ID!, $text: String!) {
      result: addNote(client: $client, text: $text) { ...Refusal ... on ClientNote { text at } }
    }
  `,
  [refusalFields],
)

export const createClientMutation = graphql(
  `
    mutation CreateClient($input: CreateClientInput!) {
      result: createClient(input: $input) { ...Refusal ... on Client { ...DeskClientFields } }
    }
  `,
  [refusalFields, clientFields],
)

export const createManagerMutation = graphql(
  `
    mutation CreateManager($input: CreateManagerInput!) {
      result: createManager(input: $input) {
        ...Refusal
        ... on Manager { id email firstName lastName phone hiredAt dismissedAt }
      }
    }
  `,
  [refusalFields],
)

export const editManagerMutation = graphql(
  `
    mutation EditManager($input: EditManagerInput!) {
      result: editManager(input: $input) {
        ...Refusal
        ... on Manager { id email firstName lastName phone hiredAt dismissedAt }
      }
    }
  `,
  [refusalFields],
)

export const openCreditLineMutation = graphql(
  `
    mutation OpenCreditLine($client: ID!, $terms: CreditLineInput!) {
      result: openCreditLine(client: $client, terms: $terms) {
        ...Refusal
        ... on CreditLine { amountTotal limit annualRate currency openedAt }
      }
    }
  `,
  [refusalFields],
)

export const assignClientsMutation = graphql(
  `
    mutation AssignClients($clients: [ID!]!, $manager: ID) {
      result: assignClients(clients: $clients, manager: $manager) {
        ...Refusal
        ... on MovedClients { count }
      }
    }
  `,
  [refusalFields],
)

export const balancePortfoliosMutation = graphql(
  `
    mutation BalancePortfolios($managers: [ID!], $all: Boolean!) {
      result: balancePortfolios(managers: $managers, all: $all) {
        ...Refusal
        ... on MovedClients { count }
      }
    }
  `,
  [refusalFields],
)

export const dismissManagerMutation = graphql(
  `
    mutation DismissManager($manager: ID!, $successor: ID) {
      result: dismissManager(manager: $manager, successor: $successor) {
        ...Refusal
        ... on MovedClients { count }
      }
    }
  `,
  [refusalFields],
)
