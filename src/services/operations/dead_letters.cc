#include "services/operations/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>

namespace seshat::operations {

Result<std::vector<Letter>> ListDeadLetters(EventBus& bus, const std::vector<std::string>& subscriptions) {
  constexpr size_t kPage = 1000;  // the most that the port answers at once
  std::vector<Letter> letters;
  for (const std::string& subscription : subscriptions) {
    std::string after;
    do {
      SESHAT_ASSIGN(DeadLetterPage page, bus.DeadLetters(subscription, after, kPage));
      for (DeadLetter& letter : page.letters) letters.push_back({subscription, std::move(letter)});
      after = page.next_start_after;
    } while (!after.empty());
  }
  return letters;
}

Result<uint64_t> RedriveDeadLetters(EventBus& bus, const std::vector<std::string>& subscriptions,
                                    const std::vector<std::string>& ids) {
  SESHAT_ASSIGN(const std::vector<Letter> letters, ListDeadLetters(bus, subscriptions));
  for (const std::string& id : ids) {
    if (std::ranges::none_of(letters, [&](const Letter& l) { return l.letter.id == id; }))
      return Fail(ErrorCode::kNotFound, fmt::format("there is no dead letter '{}'", id));
  }
  uint64_t total = 0;
  for (const std::string& subscription : subscriptions) {
    std::vector<std::string> chosen;
    for (const Letter& letter : letters) {
      const bool wanted = ids.empty() || std::ranges::find(ids, letter.letter.id) != ids.end();
      if (letter.subscription == subscription && wanted) chosen.push_back(letter.letter.id);
    }
    // The port takes an empty list for all of them, also those that died since.
    if (chosen.empty()) continue;
    SESHAT_ASSIGN(const uint64_t count, bus.Redrive(subscription, chosen));
    total += count;
  }
  return total;
}

}  // namespace seshat::operations
