#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/search/search_request_text.h"
#include "cli/verification/verification.h"
#include "composition/config/units.h"
#include "composition/stop_signals.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "core/query/query_parser.h"
#include "core/records/keys.h"
#include "services/datasets/datasets.h"

namespace seshat::cli {
namespace {

const std::vector<std::string> kActions{"create", "show", "verify", "list"};

boost::json::object JsonOf(const Dataset& dataset) {
  return {{"name", dataset.name},
          {"description", dataset.description},
          {"query", dataset.query},
          {"understood_as", dataset.understood_as},
          {"created_at", FormatTimestamp(dataset.created_at)},
          {"sha256", Sha256::Of(AsBytes(records::EncodeDataset(dataset))).ToHex()},
          {"session_count", dataset.sessions.size()},
          {"files", dataset.TotalFiles()},
          {"bytes", dataset.TotalBytes()}};
}

boost::json::array SessionsOf(const Dataset& dataset) {
  boost::json::array sessions;
  for (const DatasetSession& session : dataset.sessions)
    sessions.push_back({{"session_id", session.session_id},
                        {"revision", session.revision},
                        {"manifest_key", session.manifest_key},
                        {"manifest_sha256", session.manifest_sha256.ToHex()},
                        {"files", session.files},
                        {"bytes", session.bytes}});
  return sessions;
}

void PrintHead(Console& console, const Dataset& dataset, const BlobStore& store) {
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) console.PrintLine(fmt::format("{:<12}{}", name, EscapeForTerminal(value)));
  };
  line("dataset", dataset.name);
  line("about", dataset.description);
  line("query", dataset.query);
  line("understood", dataset.understood_as);
  line("created", FormatTimestamp(dataset.created_at));
  line("size", fmt::format("{} in {} files of {} sessions", composition::HumanSize(dataset.TotalBytes()),
                           dataset.TotalFiles(), dataset.sessions.size()));
  if (const auto key = keys::DatasetRecord(dataset.name)) line("record", store.Url(*key));
  line("sha256", Sha256::Of(AsBytes(records::EncodeDataset(dataset))).ToHex());
}

// With the nearest name that there is.
Result<Dataset> Find(BlobStore& store, const std::string& name) {
  auto dataset = datasets::ReadDataset(store, name);
  if (dataset || dataset.error().code != ErrorCode::kNotFound) return dataset;
  const auto names = datasets::ListDatasets(store);
  return Fail(ErrorCode::kNotFound, dataset.error().message + (names ? DidYouMean(name, *names) : std::string()));
}

Result<ExitCode> Create(Invocation& invocation, const Workbench& bench, BlobStore& store, const std::string& name) {
  if (!invocation.Has("--query"))
    return Fail(ErrorCode::kInvalidArgument,
                "--query is missing: which sessions are to be in it? --query '*' takes all of them");
  datasets::DatasetRequest request{.name = name,
                                   .description = invocation.Value("--description"),
                                   .query = invocation.Value("--query"),
                                   .now = bench.foundation.clock->Now()};
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench.config, bench.foundation));
  SESHAT_ASSIGN(const auto settings, SearchSettingsOf(bench.config, *bench.foundation.clock));
  SESHAT_ASSIGN(request.search, RequestOfText(request.query, settings, *index));
  request.understood_as = query::PrintQuery(request.search.query);
  invocation.console().Note(fmt::format("understood as: {}", EscapeForTerminal(request.understood_as)));
  const composition::StopSignals signals;
  SESHAT_ASSIGN(const Dataset dataset, datasets::CreateDataset(store, *index, request, signals.token()));
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonOf(dataset));
  } else {
    PrintHead(invocation.console(), dataset, store);
  }
  return ExitCode::kOk;
}

Result<ExitCode> Show(Invocation& invocation, BlobStore& store, const std::string& name) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const Dataset dataset, Find(store, name));
  if (invocation.json()) {
    auto object = JsonOf(dataset);
    object["sessions"] = SessionsOf(dataset);
    PrintJson(console, object);
    return ExitCode::kOk;
  }
  PrintHead(console, dataset, store);
  TextTable table({"SESSION", "REVISION", "FILES", "BYTES", "MANIFEST SHA-256"});
  for (const DatasetSession& session : dataset.sessions)
    table.Add({EscapeForTerminal(session.session_id), std::to_string(session.revision), std::to_string(session.files),
               composition::HumanSize(session.bytes), session.manifest_sha256.ToHex()});
  console.PrintLine("");
  console.Print(table.ToString({1, 2, 3}));
  return ExitCode::kOk;
}

Result<ExitCode> VerifyAll(Invocation& invocation, BlobStore& store, const std::string& name) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const Dataset dataset, Find(store, name));
  const composition::StopSignals signals;
  std::vector<FailedFile> failed;
  std::vector<WantedFile> files;
  datasets::ReadDatasetManifests(
      store, dataset,
      [&](const DatasetSession& session, Result<Manifest> manifest) {
        if (!manifest) return failed.push_back({session.session_id, std::move(manifest.error())});
        auto more = RawFiles(*manifest);
        std::ranges::move(more, std::back_inserter(files));
      },
      signals.token());
  const VerifyOptions options{.read_data = invocation.Has("--read-data")};
  VerifySummary summary;
  {
    Progress progress(console, "files", files.size(), dataset.TotalBytes());
    summary =
        VerifyStored(store, files, options, [&](uint64_t f, uint64_t b) { progress.Advance(f, b); }, signals.token());
  }
  std::ranges::move(summary.failed, std::back_inserter(failed));
  if (signals.token().stop_requested()) return Fail(ErrorCode::kCancelled, "stopped before everything was verified");
  if (invocation.json()) {
    auto object = JsonOf(dataset);
    object["good"] = failed.empty();
    object["failed"] = cli::JsonOf(failed);
    PrintJson(console, object);
  } else {
    console.PrintLine(fmt::format("{} sessions, {} files: {}", dataset.sessions.size(), files.size(),
                                  failed.empty() ? "all as they were" : fmt::format("{} bad", failed.size())));
  }
  return ReportFailures(console, failed, summary.by_checksum + summary.by_reading > 0);
}

Result<ExitCode> List(Invocation& invocation, BlobStore& store) {
  Console& console = invocation.console();
  SESHAT_ASSIGN(const auto names, datasets::ListDatasets(store));
  boost::json::array all;
  TextTable table({"DATASET", "CREATED", "SESSIONS", "BYTES", "QUERY"});
  for (const std::string& name : names) {
    SESHAT_ASSIGN(const Dataset dataset, datasets::ReadDataset(store, name));
    all.push_back(JsonOf(dataset));
    table.Add({dataset.name, FormatTimestamp(std::chrono::floor<std::chrono::seconds>(dataset.created_at)),
               std::to_string(dataset.sessions.size()), composition::HumanSize(dataset.TotalBytes()),
               EscapeForTerminal(dataset.query)});
  }
  if (invocation.json()) {
    PrintJson(console, boost::json::object{{"datasets", std::move(all)}});
  } else if (names.empty()) {
    console.Note("there are no datasets; seshat dataset create NAME --query QUERY makes one");
  } else {
    console.Print(table.ToString({2, 3}));
  }
  return ExitCode::kOk;
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments();
  const std::string& action = words.front();
  if (std::ranges::find(kActions, action) == kActions.end())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is none of: {}{}", EscapeForTerminal(action),
                                                         fmt::join(kActions, ", "), DidYouMean(action, kActions)));
  if ((action == "list") != (words.size() == 1))
    return Fail(ErrorCode::kInvalidArgument,
                action == "list" ? "list takes no name" : fmt::format("which dataset? seshat dataset {} NAME", action));
  if (action != "create" && (invocation.Has("--query") || invocation.Has("--description")))
    return Fail(ErrorCode::kInvalidArgument, "--query and --description belong to create");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  if (action == "list") return List(invocation, *store);
  if (action == "show") return Show(invocation, *store, words[1]);
  if (action == "verify") return VerifyAll(invocation, *store, words[1]);
  return Create(invocation, *bench, *store, words[1]);
}

}  // namespace

const Command kDatasetCommand{
    .name = "dataset",
    .summary = "Freeze a search, so that a paper can cite it and the same bytes come back years later.",
    .description =
        "A dataset lists the sessions that matched, each with its revision and the digest of its manifest. "
        "It "
        "is stored beside them and never changes. seshat get --dataset NAME fetches the files of just these "
        "revisions.",
    .examples = {{"seshat dataset create fatigue-2026 --query 'test:fatigue and peak_load > 1 kN'", "freeze it"},
                 {"seshat dataset show fatigue-2026", "what is in it, and the digest to cite"},
                 {"seshat dataset verify fatigue-2026", "whether every byte is still as it was"},
                 {"seshat dataset list", "all of them"}},
    .arguments = {{"action", "create, show, verify or list.", true, false, "create|show|verify|list"},
                  {"name", "The dataset: 1 to 64 letters, digits, '.', '_' or '-'.", false}},
    .flags = {{"--query", "QUERY", "With create: which sessions, as for seshat search."},
              {"--description", "TEXT", "With create: a sentence for those who find it later."},
              {"--read-data", "", "With verify: read every file, also where the store's checksum would do."}},
    .json = {{"name?", "text", "the dataset"},
             {"description?", "text", "as it was given"},
             {"query?", "text", "as it was typed"},
             {"understood_as?", "text", "as it was understood then"},
             {"created_at?", "time", "when the search was made"},
             {"sha256?", "text", "of the record: stands for every byte of the dataset"},
             {"session_count?", "number", "sessions in it"},
             {"files?", "number", "files of these sessions"},
             {"bytes?", "number", "of these files"},
             {"sessions?", "array", "with show: session_id, revision, manifest_key, manifest_sha256, files, bytes"},
             {"good?", "boolean", "with verify: whether nothing is wrong"},
             {"failed?", "array", "with verify: path (percent-encoded), code, message"},
             {"datasets?", "array", "with list: each without its sessions"}},
    .run = Run,
};

}  // namespace seshat::cli
