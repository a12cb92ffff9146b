#include "cli/commands/common.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "core/base/nearest_name.h"
#include "core/base/utf8.h"
#include "core/records/blob_key.h"
#include "ports/metadata_store.h"

namespace seshat::cli {

Result<std::unique_ptr<Workbench>> MakeWorkbench(Invocation& invocation) {
  SESHAT_ASSIGN(auto config, invocation.LoadConfig());
  // A command that only reads says what it has to say itself; the log is for what goes wrong besides.
  return Workbench::Make(std::move(config), LogSinkOf(invocation.console()), invocation.config_inputs().environment);
}

composition::LogSink LogSinkOf(const Console& console) {
  return {.file = console.err(), .color = console.color_for_messages()};
}

void PrintJson(Console& console, const boost::json::value& value) { console.PrintLine(boost::json::serialize(value)); }

std::vector<WantedFile> RawFiles(const Manifest& manifest) {
  std::vector<WantedFile> files;
  for (const ManifestFile& file : manifest.files)
    files.push_back({.key = file.key,
                     .path = manifest.session_id + "/raw/" + file.path,
                     .size = file.size,
                     .sha256 = file.sha256,
                     .checksum = file.checksum,
                     .mode = file.mode,
                     .modified_at = file.modified_at});
  return files;
}

std::vector<WantedFile> ProcessedFiles(const std::vector<Receipt>& receipts) {
  std::vector<WantedFile> files;
  for (const Receipt& receipt : receipts) {
    for (const OutputFile& output : receipt.outputs)
      files.push_back({.key = output.key,
                       .path = fmt::format("{}/processed/{}-{}/{}/{}", receipt.session_id, receipt.processor,
                                           receipt.version, receipt.path, output.name),
                       .size = output.size,
                       .sha256 = output.sha256,
                       .checksum = output.checksum,
                       .modified_at = receipt.finished_at});
  }
  return files;
}

Result<std::vector<WantedFile>> FilesOf(BlobStore& store, const SessionId& id, What what) {
  SESHAT_ASSIGN(const Manifest manifest, NewestManifest(store, id));
  std::vector<WantedFile> files;
  if (what != What::kProcessed) files = RawFiles(manifest);
  if (what == What::kRaw) return files;
  SESHAT_ASSIGN(const std::vector<Receipt> receipts, ReceiptsOf(store, id));
  std::ranges::move(ProcessedFiles(receipts), std::back_inserter(files));
  return files;
}

Result<std::vector<WantedFile>> FilesOf(BlobStore& store, const Manifest& manifest, What what) {
  std::vector<WantedFile> files;
  if (what != What::kProcessed) files = RawFiles(manifest);
  if (what == What::kRaw) return files;
  SESHAT_ASSIGN(const SessionId id, SessionId::Parse(manifest.session_id));
  SESHAT_ASSIGN(std::vector<Receipt> receipts, ReceiptsOf(store, id));
  std::set<std::string_view> keys;
  for (const ManifestFile& file : manifest.files) keys.insert(file.key);
  std::erase_if(receipts, [&](const Receipt& receipt) { return !keys.contains(receipt.raw_key); });
  std::ranges::move(ProcessedFiles(receipts), std::back_inserter(files));
  return files;
}

Error NoSuchSession(MetadataStore& index, const std::string& id) {
  std::vector<std::string> ids;
  if (const auto page = index.Search({.query = {MatchAll{}}, .limit = 10'000})) {
    for (const SearchHit& hit : page->hits) ids.push_back(hit.document.session_id);
  }
  return {ErrorCode::kNotFound, fmt::format("there is no session '{}'{}", id, DidYouMean(id, ids))};
}

ExitCode ReportFailures(Console& console, const std::vector<FailedFile>& failed, bool anything_done) {
  if (failed.empty()) return ExitCode::kOk;
  bool damaged = false;
  size_t shown = 0;
  for (const FailedFile& file : failed) {
    damaged = damaged || file.error.code == ErrorCode::kDataLoss;
    if (shown++ < 20)
      console.PrintError(fmt::format("{}: {}", EscapeForTerminal(file.path), EscapeForTerminal(file.error.message)));
  }
  if (shown > 20) console.PrintError(fmt::format("… and {} more", shown - 20));
  if (damaged) return ExitCode::kIntegrity;
  return anything_done ? ExitCode::kPartial : ExitCodeOf(failed.front().error.code);
}

boost::json::array JsonOf(const std::vector<FailedFile>& failed) {
  boost::json::array all;
  for (const FailedFile& file : failed)
    all.push_back({{"path", records::EncodePath(file.path)},
                   {"code", ErrorCodeName(file.error.code)},
                   {"message", ReplaceInvalidUtf8(file.error.message)}});
  return all;
}

}  // namespace seshat::cli
