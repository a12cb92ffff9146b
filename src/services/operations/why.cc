#include "services/operations/why.h"

#include "core/base/nearest_name.h"
#include "services/catalog/session_lookup.h"

namespace seshat::operations {
namespace {

Result<WhyAnswer> LookUp(MetadataStore& index, const std::string& id) {
  WhyAnswer answer;
  const auto document = index.Get(id);
  if (!document && document.error().code != ErrorCode::kNotFound) return std::unexpected(document.error());
  if (!document) return answer;
  answer.searchable = true;
  answer.files = document->file_count;
  for (const FileDocument& file : document->files) {
    for (const ResultDocument& result : file.results)
      ++(result.outcome == "succeeded" ? answer.results : answer.failures);
  }
  return answer;
}

// What the journal says, and the nearest id that it has.
std::unexpected<Error> Unknown(MigrationJournal& journal, Error error, const std::string& id) {
  constexpr size_t kMaxCompared = 10'000;
  std::vector<std::string> ids;
  if (const auto records = journal.ListSessions({.limit = kMaxCompared})) {
    for (const SessionRecord& record : *records) ids.push_back(record.session.id);
  }
  error.message += DidYouMean(id, ids);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<WhyAnswer> Why(const WhyQuestion& question, const std::string& session_id) {
  SESHAT_ASSIGN(WhyAnswer answer, LookUp(question.index, session_id));
  if (question.journal == nullptr) {
    if (!answer.searchable) return std::unexpected(catalog::NoSuchSession(question.index, session_id));
    return answer;
  }
  migration::MigrationView view(*question.journal, question.clock);
  auto found = view.Why(session_id);
  if (found) {
    answer.sessions = std::move(*found);
    return answer;
  }
  if (found.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(found.error()));
  if (!answer.searchable) return Unknown(*question.journal, std::move(found.error()), session_id);
  return answer;
}

}  // namespace seshat::operations
