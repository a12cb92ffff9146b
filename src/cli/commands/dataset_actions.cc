#include "cli/commands/dataset_actions.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "cli/output/dataset_output.h"
#include "composition/search_settings.h"
#include "composition/stop_signals.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "core/query/query_parser.h"
#include "services/catalog/request_text.h"
#include "services/datasets/datasets.h"
#include "services/retrieval/session_verification.h"

namespace seshat::cli {
namespace {

// With the nearest name that there is.
Result<Dataset> Find(BlobStore& store, const std::string& name) {
  auto dataset = datasets::ReadDataset(store, name);
  if (dataset || dataset.error().code != ErrorCode::kNotFound) return dataset;
  const auto names = datasets::ListDatasets(store);
  return Fail(ErrorCode::kNotFound, dataset.error().message + (names ? DidYouMean(name, *names) : std::string()));
}

}  // namespace

Result<ExitCode> CreateDataset(Invocation& invocation, const Workbench& bench, BlobStore& store,
                               const std::string& name) {
  if (!invocation.Has("--query"))
    return Fail(ErrorCode::kInvalidArgument,
                "--query is missing: which sessions are to be in it? --query '*' takes all of them");
  datasets::DatasetRequest request{.name = name,
                                   .description = invocation.Value("--description"),
                                   .query = invocation.Value("--query"),
                                   .now = bench.foundation.clock->Now()};
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench.config, bench.foundation));
  SESHAT_ASSIGN(const auto settings, composition::SearchSettingsOf(bench.config, *bench.foundation.clock));
  SESHAT_ASSIGN(request.search, catalog::RequestOfText(request.query, settings, *index));
  request.understood_as = query::PrintQuery(request.search.query);
  invocation.console().Note(fmt::format("understood as: {}", EscapeForTerminal(request.understood_as)));
  const composition::StopSignals signals;
  SESHAT_ASSIGN(const Dataset dataset, datasets::CreateDataset(store, *index, request, signals.token()));
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonOf(dataset));
  } else {
    PrintDataset(invocation.console(), dataset, store);
  }
  return ExitCode::kOk;
}

Result<ExitCode> ShowDataset(Invocation& invocation, BlobStore& store, const std::string& name) {
  SESHAT_ASSIGN(const Dataset dataset, Find(store, name));
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonWithSessions(dataset));
  } else {
    PrintDatasetWithSessions(invocation.console(), dataset, store);
  }
  return ExitCode::kOk;
}

Result<ExitCode> VerifyDataset(Invocation& invocation, BlobStore& store, const std::string& name) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const Dataset dataset, Find(store, name));
  const composition::StopSignals signals;
  const auto begin = [&](uint64_t files, uint64_t bytes) { return ShowProgress(console, "files", files, bytes); };
  const retrieval::VerifyOptions options{.read_data = invocation.Has("--read-data")};
  SESHAT_ASSIGN(const auto summary, retrieval::VerifyDataset(store, dataset, options, begin, signals.token()));
  if (invocation.json()) {
    auto object = JsonOf(dataset);
    object["good"] = summary.failed.empty();
    object["failed"] = JsonOf(summary.failed);
    PrintJson(console, object);
  } else {
    console.PrintLine(
        fmt::format("{} sessions, {} files: {}", dataset.sessions.size(), summary.files,
                    summary.failed.empty() ? "all as they were" : fmt::format("{} bad", summary.failed.size())));
  }
  return ReportFailures(console, summary.failed, summary.by_checksum + summary.by_reading > 0);
}

Result<ExitCode> ListDatasets(Invocation& invocation, BlobStore& store) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const auto names, datasets::ListDatasets(store));
  std::vector<Dataset> all;
  for (const std::string& name : names) {
    SESHAT_ASSIGN(Dataset dataset, datasets::ReadDataset(store, name));
    all.push_back(std::move(dataset));
  }
  if (invocation.json()) {
    boost::json::array array;
    for (const Dataset& dataset : all) array.push_back(JsonOf(dataset));
    PrintJson(console, boost::json::object{{"datasets", std::move(array)}});
  } else if (names.empty()) {
    console.Note("there are no datasets; seshat dataset create NAME --query QUERY makes one");
  } else {
    PrintDatasets(console, all);
  }
  return ExitCode::kOk;
}

}  // namespace seshat::cli
