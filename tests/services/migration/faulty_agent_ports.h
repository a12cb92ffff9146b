// The agent's own two ports, failing as a FaultPlan says (support/faulty_ports.h has the others).
#pragma once

#include "ports/migration_journal.h"
#include "ports/source_tree.h"
#include "support/faulty_ports.h"

namespace seshat::testing {

class FaultyJournal : public MigrationJournal {
 public:
  FaultyJournal(MigrationJournal& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Result<std::string> AgentId() override {
    return Through("AgentId", [&] { return inner_.AgentId(); });
  }
  Status Apply(const JournalChange& change) override {
    return Through("Apply", [&] { return inner_.Apply(change); });
  }
  Result<std::optional<Observation>> FindObservation(std::string_view source, std::string_view id) override {
    return Through("FindObservation", [&] { return inner_.FindObservation(source, id); });
  }
  Result<std::optional<SessionRecord>> FindSession(const SessionRef& session) override {
    return Through("FindSession", [&] { return inner_.FindSession(session); });
  }
  Result<std::vector<SessionRecord>> ListSessions(const SessionQuery& query) override {
    return Through("ListSessions", [&] { return inner_.ListSessions(query); });
  }
  Result<std::vector<FileRecord>> ListFiles(const FileQuery& query) override {
    return Through("ListFiles", [&] { return inner_.ListFiles(query); });
  }
  Result<std::optional<FileRecord>> FindFile(const SessionRef& session, std::string_view path) override {
    return Through("FindFile", [&] { return inner_.FindFile(session, path); });
  }
  Result<SessionCounts> Count(std::string_view source) override {
    return Through("Count", [&] { return inner_.Count(source); });
  }
  Result<std::optional<SourceState>> FindSource(std::string_view source) override {
    return Through("FindSource", [&] { return inner_.FindSource(source); });
  }
  Result<std::vector<Event>> Outbox(size_t limit) override {
    return Through("Outbox", [&] { return inner_.Outbox(limit); });
  }

 private:
  template <typename Call>
  auto Through(std::string_view name, const Call& call) -> decltype(call()) {
    const bool fails = plan_.NextFails();
    if (fails && plan_.when() == FaultWhen::kBefore) return std::unexpected(plan_.MakeError(name));
    auto answer = call();
    if (fails) return std::unexpected(plan_.MakeError(name));
    return answer;
  }

  MigrationJournal& inner_;
  FaultPlan& plan_;
};

class FaultySource : public SourceTree {
 public:
  FaultySource(SourceTree& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  Status Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("Scan"));
    return inner_.Scan(under, visitor, std::move(stop));
  }
  Result<SourceFile> Open(std::string_view path) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("Open"));
    return inner_.Open(path);
  }
  WaitEnd WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) override {
    return inner_.WaitForChange(at_most, std::move(stop));
  }
  Status Delete(std::string_view path, const FileStat& expected) override {
    const bool fails = plan_.NextFails();
    if (fails && plan_.when() == FaultWhen::kBefore) return std::unexpected(plan_.MakeError("Delete"));
    Status status = inner_.Delete(path, expected);
    return fails ? std::unexpected(plan_.MakeError("Delete")) : status;
  }
  Status WriteNote(std::string_view path, std::string_view text) override {
    if (plan_.NextFails()) return std::unexpected(plan_.MakeError("WriteNote"));
    return inner_.WriteNote(path, text);
  }

 private:
  SourceTree& inner_;
  FaultPlan& plan_;
};

}  // namespace seshat::testing
