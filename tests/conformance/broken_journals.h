// Journals with one thing wrong each, to prove that the suite notices: sound ones in memory with flaws.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/memory_journal/memory_journal.h"
#include "conformance/migration_journal/migration_journal_suite.h"

namespace seshat::testing {

// What is done wrong on the way in and out; what is empty is done right.
struct JournalFlaws {
  std::function<Status(const JournalChange&, MigrationJournal&)> apply;
  std::function<void(JournalChange&)> change;
  std::function<void(std::string&)> agent;
  std::function<void(std::optional<Observation>&)> observation;
  std::function<void(SessionQuery&)> sessions;
  std::function<void(std::vector<SessionRecord>&)> listed;
  std::function<void(FileQuery&)> files;
  std::function<void(std::vector<FileRecord>&)> listed_files;
  std::function<void(SessionCounts&, MigrationJournal&)> counts;
  std::function<void(std::optional<SourceState>&)> state;
  std::function<void(std::vector<Event>&)> events;
  bool ignores_limit_of_outbox = false;
  bool forgets_over_a_restart = false;
  bool lets_two_write = false;
};

class BrokenJournal : public MigrationJournal {
 public:
  BrokenJournal(const JournalFlaws& flaws, std::shared_ptr<MigrationJournal> inner)
      : flaws_(flaws), inner_(std::move(inner)) {}

  Result<std::string> AgentId() override { return Spoilt(inner_->AgentId(), flaws_.agent); }
  Status Apply(const JournalChange& change) override {
    if (flaws_.apply) return flaws_.apply(change, *inner_);
    JournalChange wrong = change;
    if (flaws_.change) flaws_.change(wrong);
    return inner_->Apply(wrong);
  }
  Result<std::optional<Observation>> FindObservation(std::string_view source, std::string_view id) override {
    return Spoilt(inner_->FindObservation(source, id), flaws_.observation);
  }
  Result<std::optional<SessionRecord>> FindSession(const SessionRef& session) override {
    return inner_->FindSession(session);
  }
  Result<std::vector<SessionRecord>> ListSessions(const SessionQuery& query) override {
    return Spoilt(inner_->ListSessions(Spoilt(query, flaws_.sessions)), flaws_.listed);
  }
  Result<std::vector<FileRecord>> ListFiles(const FileQuery& query) override {
    return Spoilt(inner_->ListFiles(Spoilt(query, flaws_.files)), flaws_.listed_files);
  }
  Result<std::optional<FileRecord>> FindFile(const SessionRef& session, std::string_view path) override {
    return inner_->FindFile(session, path);
  }
  Result<SessionCounts> Count(std::string_view source) override {
    auto counts = inner_->Count(source);
    if (counts && flaws_.counts) flaws_.counts(*counts, *inner_);
    return counts;
  }
  Result<std::optional<SourceState>> FindSource(std::string_view source) override {
    return Spoilt(inner_->FindSource(source), flaws_.state);
  }
  Result<std::vector<Event>> Outbox(size_t limit) override {
    return Spoilt(inner_->Outbox(flaws_.ignores_limit_of_outbox ? 1000 : limit), flaws_.events);
  }

 private:
  template <typename T>
  static T Spoilt(T value, const std::function<void(T&)>& how) {
    if (how) how(value);
    return value;
  }
  template <typename T>
  static Result<T> Spoilt(Result<T> value, const std::function<void(T&)>& how) {
    if (value && how) how(*value);
    return value;
  }

  const JournalFlaws& flaws_;
  std::shared_ptr<MigrationJournal> inner_;
};

class BrokenJournalHarness : public conformance::MigrationJournalHarness {
 public:
  explicit BrokenJournalHarness(JournalFlaws flaws) : flaws_(std::move(flaws)) {}
  MigrationJournal& journal() override { return journal_; }
  void Reopen() override {
    if (flaws_.forgets_over_a_restart) Renew();
  }
  std::optional<Status> OpenSecond() override {
    if (flaws_.lets_two_write) return Status{};
    return std::nullopt;
  }
  std::unique_ptr<MigrationJournal> OpenReader() override {
    if (!flaws_.lets_two_write) return nullptr;
    return std::make_unique<BrokenJournal>(flaws_, inner_);
  }

 private:
  void Renew() {
    inner_ = memory_journal::MakeMemoryJournal("another");
    std::destroy_at(&journal_);
    std::construct_at(&journal_, flaws_, inner_);
  }

  JournalFlaws flaws_;
  std::shared_ptr<MigrationJournal> inner_ = memory_journal::MakeMemoryJournal();
  BrokenJournal journal_{flaws_, inner_};
};

}  // namespace seshat::testing
