#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/dataset_actions.h"
#include "core/base/nearest_name.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

const std::vector<std::string> kActions{"create", "show", "verify", "list"};

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
  if (action == "list") return ListDatasets(invocation, *store);
  if (action == "show") return ShowDataset(invocation, *store, words[1]);
  if (action == "verify") return VerifyDataset(invocation, *store, words[1]);
  return CreateDataset(invocation, *bench, *store, words[1]);
}

}  // namespace

const Command kDatasetCommand{
    .name = "dataset",
    .summary = "Freeze a search, so that a paper can cite it and the same bytes come back years later.",
    .description =
        "A dataset lists the sessions that matched, each with its revision and the digest of its manifest. It "
        "is stored beside them and never changes. seshat get --dataset NAME fetches the files of just these revisions.",
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
