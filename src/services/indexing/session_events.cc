#include "services/indexing/session_events.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/records/event.h"

namespace seshat::indexing {
namespace {

struct Subject {
  SessionId id;
  std::optional<ExpectedManifest> expected;
};

Result<Subject> SubjectOf(const Event& event) {
  if (event.type == SessionMigrated::kType) {
    SESHAT_ASSIGN(const auto migrated, SessionMigrated::FromData(event.data));
    SESHAT_ASSIGN(SessionId id, SessionId::Parse(migrated.session_id));
    return Subject{std::move(id), ExpectedManifest{migrated.revision, migrated.manifest_sha256}};
  }
  if (event.type == FileProcessed::kType) {
    SESHAT_ASSIGN(const auto processed, FileProcessed::FromData(event.data));
    SESHAT_ASSIGN(SessionId id, SessionId::Parse(processed.session_id));
    return Subject{std::move(id), std::nullopt};
  }
  return Fail(ErrorCode::kInvalidArgument, "indexing knows no event of type " + event.type);
}

}  // namespace

EventsBySession SortBySession(std::span<const Delivery> deliveries) {
  EventsBySession sorted;
  for (size_t place = 0; place < deliveries.size(); ++place) {
    auto subject = SubjectOf(deliveries[place].event);
    if (!subject) {
      sorted.unreadable.push_back({place, std::move(subject.error())});
      continue;
    }
    auto it = std::ranges::find(sorted.sessions, subject->id, &SessionEvents::id);
    if (it == sorted.sessions.end()) it = sorted.sessions.insert(it, SessionEvents{.id = std::move(subject->id)});
    if (subject->expected) it->expected.push_back(*subject->expected);
    it->places.push_back(place);
    it->attempt = std::max(it->attempt, deliveries[place].attempt);
  }
  return sorted;
}

}  // namespace seshat::indexing
