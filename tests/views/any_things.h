// Values of everything that views print, made by RapidCheck: call these inside of a property.
#pragma once

#include "services/catalog/fields.h"
#include "services/catalog/search.h"
#include "services/catalog/suggestions.h"
#include "services/indexing/indexing_service.h"
#include "services/indexing/replay.h"
#include "services/migration/migration_service.h"
#include "services/operations/dead_letters.h"
#include "services/operations/status.h"
#include "services/operations/why.h"
#include "views/aws_setup.h"
#include "views/run.h"

namespace seshat::views {

catalog::SessionStorage StorageFor(const SessionDocument& document);
SessionDocument AnySession();
catalog::SearchAnswer AnySearchAnswer();
std::vector<FieldInfo> AnyFields();
catalog::Hygiene AnyHygiene();
catalog::QuerySuggestions AnySuggestions();
operations::StatusReport AnyStatus();
operations::WhyAnswer AnyWhy();
std::vector<operations::Letter> AnyLetters();
IndexStatus AnyIndexStatus();
indexing::ReindexProgress AnyReindexProgress();
indexing::ReplaySummary AnyReplaySummary();
std::vector<migration::DryRunLine> AnyPlan();
Run AnyRun();
Error AnyError();
AwsSetup AnyAwsSetup();

}  // namespace seshat::views
