#include "services/operations/run_summary.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace seshat::operations {
namespace {

// A short entry of the metadata as a query; empty where there is none.
std::string ExampleQuery(const SessionDocument& document) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  constexpr size_t kLongest = 20;
  for (const MetadataEntry& entry : document.metadata) {
    const std::string& text = entry.value.text;
    const bool plain =
        entry.key.find_first_not_of(kPlain) == std::string::npos && text.find_first_not_of(kPlain) == std::string::npos;
    if (plain && !text.empty() && text.size() <= kLongest && text != document.session_id)
      return fmt::format("{} = {}", entry.key, text);
  }
  return "";
}

}  // namespace

Result<RunSummary> Summarise(MetadataStore& index) {
  RunSummary summary{.results = 0};
  SearchRequest request{.query = {MatchAll{}}, .limit = 1000};
  do {
    SESHAT_ASSIGN(const SearchPage page, index.Search(request));
    for (const SearchHit& hit : page.hits) {
      if (summary.query.empty()) {
        summary.query = ExampleQuery(hit.document);
        if (summary.session.empty() || !summary.query.empty()) summary.session = hit.document.session_id;
      }
      ++summary.sessions;
      summary.files += hit.document.file_count;
      summary.bytes += hit.document.bytes;
      for (const FileDocument& file : hit.document.files)
        for (const ResultDocument& result : file.results) *summary.results += result.outputs.size();
    }
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty());
  return summary;
}

Result<RunSummary> Summarise(MigrationJournal& journal) {
  RunSummary summary;
  SessionQuery query;
  while (true) {
    SESHAT_ASSIGN(const std::vector<SessionRecord> records, journal.ListSessions(query));
    for (const SessionRecord& record : records) {
      if (record.progress.revision == 0) continue;
      ++summary.sessions;
      summary.files += record.progress.stored_files;
      summary.bytes += record.progress.stored_bytes;
    }
    if (records.size() < query.limit) return summary;
    query.after = records.back().session;
  }
}

}  // namespace seshat::operations
