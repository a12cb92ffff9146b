#include "services/migration/upload/upload_feed.h"

#include <algorithm>
#include <utility>

namespace seshat::migration {
namespace {

// The store asks often; the journal need not be asked each time.
constexpr std::chrono::milliseconds kLookAgain{200};

}  // namespace

std::optional<PutRequest> UploadFeed::Next() {
  while (!context_.halted()) {
    context_.throttled.reset();
    if (auto request = NextOfActive()) return request;
    DropFinished();
    if (active_.size() >= context_.options.active_sessions || !StartSession()) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<PutRequest> UploadFeed::NextOfActive() {
  for (size_t i = 0; i < active_.size() && !context_.halted(); ++i) {
    turn_ = (turn_ + 1) % active_.size();
    SessionUpload& session = *active_[turn_];
    auto request = session.Next();
    if (!request) continue;
    const uint64_t tag = next_tag_++;
    in_flight_.emplace(tag, InFlight{&session, std::exchange(request->tag, tag)});
    return request;
  }
  return std::nullopt;
}

void UploadFeed::DropFinished() {
  std::erase_if(active_, [](const auto& session) { return session->finished(); });
  turn_ = 0;
  if (std::exchange(context_.committed, false)) publish_();
}

bool UploadFeed::StartSession() {
  const auto now = context_.ports.clock.SteadyNow();
  if (looked_at_ && now - *looked_at_ < kLookAgain) return false;
  for (size_t i = 0; i < sources_.size(); ++i) {
    source_turn_ = (source_turn_ + 1) % sources_.size();
    const auto started = StartFrom(*sources_[source_turn_]);
    if (!started) {
      context_.Halt(Error(started.error()).WithContext("reading the agent's journal"));
      return false;
    }
    if (*started) {
      looked_at_.reset();
      return true;
    }
  }
  looked_at_ = now;
  return false;
}

Result<bool> UploadFeed::StartFrom(SourceRuntime& source) {
  const Timestamp now = context_.ports.clock.Now();
  if (source.timetable.BlackoutEnd(now)) return false;
  const SessionQuery query{
      .source = source.spec.name, .filter = SessionFilter::kUpload, .due = now, .limit = active_.size() + 1};
  SESHAT_ASSIGN(auto due, context_.ports.journal.ListSessions(query));
  for (auto& record : due) {
    const bool active =
        std::ranges::any_of(active_, [&](const auto& session) { return session->session() == record.session; });
    if (active) continue;
    active_.push_back(std::make_unique<SessionUpload>(context_, source, std::move(record)));
    context_.summary.idle = false;
    return true;
  }
  return false;
}

void UploadFeed::Done(uint64_t tag, Result<PutOutcome> outcome) {
  const auto node = in_flight_.extract(tag);
  if (node.empty()) {
    context_.Halt({ErrorCode::kInternal, "the store ended a put that it was never given"});
    return;
  }
  node.mapped().session->Done(node.mapped().tag, outcome);
}

void UploadFeed::Finish() {
  for (const auto& session : active_) session->Suspend();
  DropFinished();
}

}  // namespace seshat::migration
