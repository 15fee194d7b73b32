import type { Config } from '../../config/index.ts'
import type { Cache } from '../../platform/cache/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Secrets } from '../../platform/secrets/index.ts'
import { createBudgetsRouter } from './budgets/budgets.router.ts'
import { createBudgetsService } from './budgets/budgets.service.ts'
import { createModelChoice } from './calls/choose-model.ts'
import { createModelCalls } from './calls/create-model-calls.ts'
import { createCatalogue } from './catalogue/catalogue.ts'
import { createModelsRouter } from './catalogue/models.router.ts'
import { createModelsService } from './catalogue/models.service.ts'
import { modelList } from './catalogue/shipped-models.ts'
import { createLedger } from './ledger/ledger.ts'
import { createSettleLost } from './ledger/settle-lost.job.ts'
import { createUsageRouter } from './ledger/usage.router.ts'
import { createUsageService } from './ledger/usage.service.ts'
import { createKeyVault } from './providers/key-vault.ts'
import { createModelAccess, type Providers } from './providers/model-access.ts'
import { createProvidersRouter } from './providers/providers.router.ts'
import { createProvidersService } from './providers/providers.service.ts'
import { createReach } from './providers/reach.ts'
import { createUserSettings } from './providers/user-settings.ts'

/** What {@link createModels} needs. */
export interface ModelsDeps {
  readonly config: Config
  readonly database: Database
  readonly cache: Cache
  readonly clock: Clock
  readonly secrets: Secrets
  readonly logger: Logger
  readonly providers: Providers
  /** Why an address that a user gave is not used; undefined when it can be tried. */
  readonly problemOf: (url: string) => Promise<string | undefined>
}

/** Builds the models module. Does no I/O. */
export function createModels(deps: ModelsDeps) {
  const { config, database, cache, clock, secrets, logger, providers, problemOf } = deps
  const { llm } = config
  const list = modelList(llm.openaiCompatible?.models ?? [])
  const catalogue = createCatalogue({ database, cache, clock, logger, list })
  const settingsOf = createUserSettings({ database, cache })
  const vault = createKeyVault({ secrets, logger })
  const access = createModelAccess({ providers, vault, settingsOf })
  const choice = createModelChoice({ catalogue, access, settingsOf, llm })
  const tokensPerDay = llm.userTokensPerDay
  const ledger = createLedger({ database, clock, tokensPerDay })
  const calls = createModelCalls({ catalogue, choice, ledger, providers, llm, clock, logger })
  const reach = createReach(providers, settingsOf)
  return {
    routers: {
      models: createModelsRouter(createModelsService({ database, clock, catalogue, reach })),
      providers: createProvidersRouter(
        createProvidersService({ clock, providers, vault, settingsOf, catalogue, calls, problemOf }),
      ),
      usage: createUsageRouter(createUsageService({ database, clock, tokensPerDay })),
      budgets: createBudgetsRouter(createBudgetsService({ database, clock })),
    },
    jobs: [createSettleLost({ database, clock, totalTimeoutMs: llm.totalTimeoutMs })],
    /** The only way other modules reach a model. */
    calls,
    /** Makes the models of this version part of the catalogue. Does not reject. */
    start: () => catalogue.start(),
  }
}

/** The models module as the composition root holds it. */
export type Models = ReturnType<typeof createModels>
