#include "services/migration/upload/manifest_text.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace seshat::migration {
namespace {

constexpr size_t kRecordsAtATime = 1000;

// Calls `use` for every record that `query` finds.
template <typename Use>
Status ForEachFile(MigrationJournal& journal, FileQuery query, const Use& use) {
  query.limit = kRecordsAtATime;
  while (true) {
    SESHAT_ASSIGN(const auto page, journal.ListFiles(query));
    for (const auto& file : page) SESHAT_TRY(use(file));
    if (page.size() < kRecordsAtATime) return {};
    query.after = page.back().path;
  }
}

// Adds entries for as long as there is room; true: there are no more.
Result<bool> Fill(ManifestEntries& entries, records::ManifestListsBuilder& lists) {
  struct Adder {
    records::ManifestListsBuilder& lists;
    bool operator()(std::monostate) const { return false; }
    bool operator()(const ManifestFile& file) const { return lists.Add(file); }
    bool operator()(const SkippedEntry& entry) const { return lists.Add(entry); }
    bool operator()(const RemovedPath& removed) const { return lists.AddRemoved(removed.path); }
  };
  while (true) {
    SESHAT_ASSIGN(const ManifestEntry* const entry, entries.Current());
    if (std::holds_alternative<std::monostate>(*entry)) return true;
    if (!std::visit(Adder{lists}, *entry)) return false;
    entries.Advance();
  }
}

}  // namespace

Result<ManifestSurvey> SurveyManifest(MigrationJournal& journal, const SourceLayout& layout,
                                      const ManifestRequest& request) {
  ManifestSurvey survey{.changed = request.committed_plan == 0};
  int64_t oldest = std::numeric_limits<int64_t>::max();
  int64_t newest = std::numeric_limits<int64_t>::min();
  size_t best = SIZE_MAX;
  std::string metadata;
  FileQuery query{.session = request.session, .plan = request.plan};
  SESHAT_TRY(ForEachFile(journal, query, [&](const FileRecord& file) -> Status {
    if (file.state == FileState::kPending || file.state == FileState::kIntended)
      return Fail(ErrorCode::kInternal, "a file of the session is not finished: " + records::EncodePath(file.path));
    survey.changed = survey.changed || file.changed_plan > request.committed_plan;
    if (!file.skip_kind.empty()) ++survey.skipped;
    if (file.skip_kind == EntryKindName(EntryKind::kUnreadable)) ++survey.unreadable;
    if (file.state != FileState::kStored) return {};
    ++survey.files;
    survey.bytes += file.stored.size;
    oldest = std::min(oldest, file.stored.modified_ns);
    newest = std::max(newest, file.stored.modified_ns);
    // Paths come in order, so the first of the best rank stays.
    if (const size_t rank = layout.MetadataRank(file.path); rank < best) {
      best = rank;
      metadata = file.path;
    }
    return {};
  }));
  if (!survey.changed) {
    query = {.session = request.session, .not_plan = request.plan};
    SESHAT_TRY(ForEachFile(journal, query, [&](const FileRecord& file) -> Status {
      survey.changed = survey.changed || IsRemoved(file, request.committed_plan);
      return {};
    }));
  }
  const auto at = [&](int64_t ns) {
    return survey.files == 0 ? request.migrated_at : Timestamp(std::chrono::nanoseconds(ns));
  };
  survey.head = {.session_id = request.session.id,
                 .revision = request.revision,
                 .source = request.session.source,
                 .agent_id = request.agent_id,
                 .traceparent = request.traceparent,
                 .started_at = at(oldest),
                 .ended_at = at(newest),
                 .migrated_at = request.migrated_at};
  if (best != SIZE_MAX) survey.head.metadata_path = metadata;
  return survey;
}

Result<ManifestPages> ManifestPages::Make(MigrationJournal& journal, const ManifestRequest& request,
                                          const ManifestLimits& limits) {
  SESHAT_ASSIGN(auto entries, ManifestEntries::Make(journal, request));
  SESHAT_ASSIGN(auto id, SessionId::Parse(request.session.id));
  return ManifestPages(std::move(entries), std::move(id), request.revision, limits);
}

Result<std::optional<records::ManifestPageText>> ManifestPages::Next() {
  const uint32_t number = number_ + 1;
  records::ManifestListsBuilder lists(records::EncodeManifestPageOpening(id_, revision_, number), limits_);
  SESHAT_TRY(Fill(entries_, lists));
  if (lists.empty()) return std::nullopt;
  SESHAT_ASSIGN(auto page, records::FinishManifestPage(id_, revision_, number, std::move(lists)));
  number_ = number;
  return page;
}

Result<ManifestText> MakeManifestText(MigrationJournal& journal, const ManifestRequest& request,
                                      const ManifestSurvey& survey, const ManifestLimits& limits) {
  ManifestText out;
  SESHAT_ASSIGN(auto entries, ManifestEntries::Make(journal, request));
  records::ManifestListsBuilder lists(records::EncodeManifestHead(survey.head), limits);
  SESHAT_ASSIGN(const bool all, Fill(entries, lists));
  if (all) {
    out.text = std::move(lists).Finish();
  } else {
    SESHAT_ASSIGN(auto pages, ManifestPages::Make(journal, request, limits));
    while (true) {
      SESHAT_ASSIGN(auto page, pages.Next());
      if (!page) break;
      out.pages.push_back(std::move(page->ref));
    }
    out.text = records::EncodeManifestHeadOfPages(survey.head, out.pages);
  }
  out.sha256 = Sha256::Of(AsBytes(out.text));
  return out;
}

}  // namespace seshat::migration
