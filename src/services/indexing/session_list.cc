#include "services/indexing/session_list.h"

#include <string_view>
#include <utility>

namespace seshat::indexing {

Result<std::vector<SessionId>> ListSessions(BlobStore& store, const std::stop_token& stop) {
  std::vector<SessionId> sessions;
  ListOptions options;
  options.fold_folders = true;
  do {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "listing sessions was stopped");
    auto page = store.List(options);
    if (!page) return std::unexpected(std::move(page).error().WithContext("listing sessions"));
    for (const std::string_view folder : page->folders) {
      auto id = SessionId::Parse(folder.substr(0, folder.size() - 1));
      if (id) sessions.push_back(*std::move(id));
    }
    options.start_after = std::move(page->next_start_after);
  } while (!options.start_after.empty());
  return sessions;
}

}  // namespace seshat::indexing
