// A journal in which something happens in the middle: an agent works on while somebody looks.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "ports/migration_journal.h"

namespace seshat::testing {

class MovingJournal : public MigrationJournal {
 public:
  // `happens` runs once, before the n-th call, counted from 1.
  MovingJournal(MigrationJournal& inner, uint64_t n, std::function<void()> happens)
      : inner_(inner), n_(n), happens_(std::move(happens)) {}

  Result<std::string> AgentId() override { return Next().AgentId(); }
  Status Apply(const JournalChange& change) override { return Next().Apply(change); }
  Result<std::optional<Observation>> FindObservation(std::string_view source, std::string_view id) override {
    return Next().FindObservation(source, id);
  }
  Result<std::optional<SessionRecord>> FindSession(const SessionRef& session) override {
    return Next().FindSession(session);
  }
  Result<std::vector<SessionRecord>> ListSessions(const SessionQuery& query) override {
    return Next().ListSessions(query);
  }
  Result<std::vector<FileRecord>> ListFiles(const FileQuery& query) override { return Next().ListFiles(query); }
  Result<std::optional<FileRecord>> FindFile(const SessionRef& session, std::string_view path) override {
    return Next().FindFile(session, path);
  }
  Result<SessionCounts> Count(std::string_view source) override { return Next().Count(source); }
  Result<std::optional<SourceState>> FindSource(std::string_view source) override { return Next().FindSource(source); }
  Result<std::vector<Event>> Outbox(size_t limit) override { return Next().Outbox(limit); }

 private:
  MigrationJournal& Next() {
    if (++calls_ == n_) happens_();
    return inner_;
  }

  MigrationJournal& inner_;
  const uint64_t n_;
  std::function<void()> happens_;
  uint64_t calls_ = 0;
};

}  // namespace seshat::testing
