#include "services/records/session_list.h"

#include <utility>

#include "core/records/keys.h"

namespace seshat::stored {

Status ForEachSession(BlobStore& store, const std::function<Status(const SessionId&)>& each,
                      const std::stop_token& stop) {
  ListOptions options{.fold_folders = true};
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "listing sessions was stopped");
    auto page = store.List(options);
    if (!page) return std::unexpected(std::move(page).error().WithContext("listing sessions"));
    for (const std::string& folder : page->folders) {
      if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "listing sessions was stopped");
      if (const auto id = keys::ParseSessionPrefix(folder)) SESHAT_TRY(each(*id));
    }
    options.start_after = std::move(page->next_start_after);
  } while (!options.start_after.empty());
  return {};
}

Result<std::vector<SessionId>> ListSessions(BlobStore& store, const std::stop_token& stop) {
  std::vector<SessionId> sessions;
  SESHAT_TRY(ForEachSession(
      store,
      [&](const SessionId& id) -> Status {
        sessions.push_back(id);
        return {};
      },
      stop));
  return sessions;
}

}  // namespace seshat::stored
