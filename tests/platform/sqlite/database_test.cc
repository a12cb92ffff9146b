#include "platform/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <thread>

#include "support/temp_dir.h"

namespace seshat::sqlite {
namespace {

using ::seshat::testing::TempDir;
using ::testing::HasSubstr;

constexpr std::array<std::string_view, 2> kSteps = {
    "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, UNIQUE (text)) STRICT",
    "CREATE TABLE u (x ANY NOT NULL) STRICT; INSERT INTO u VALUES (1)"};

class DatabaseTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> Open(const OpenOptions& options = {}) {
    auto db = Database::Open(dir_ / "state/x.db", options);
    EXPECT_TRUE(db) << db.error().ToString();
    return db ? *std::move(db) : nullptr;
  }
  static int64_t Number(Database& db, std::string_view sql) {
    auto q = db.Prepare(sql).value();
    return q.Step().value() ? q.Int(0) : -1;
  }

  TempDir dir_;
};

TEST_F(DatabaseTest, MakesFileAndDirectoryForTheOwnerOnly) {
  const auto db = Open();
  struct stat info{};
  ASSERT_EQ(::stat((dir_ / "state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  ASSERT_EQ(::stat((dir_ / "state/x.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(DatabaseTest, LeavesThePermissionsOfAnExistingFileAlone) {
  Open();
  ASSERT_EQ(::chmod((dir_ / "state/x.db").c_str(), 0640), 0);
  Open();
  struct stat info{};
  ASSERT_EQ(::stat((dir_ / "state/x.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

TEST_F(DatabaseTest, IsDurableByDefault) {
  const auto db = Open();
  EXPECT_EQ(Number(*db, "PRAGMA synchronous"), 2);
  const auto fast = Open({.synchronous = Synchronous::kNormal});
  EXPECT_EQ(Number(*fast, "PRAGMA synchronous"), 1);
  EXPECT_EQ(Number(*fast, "PRAGMA foreign_keys"), 1);
}

TEST_F(DatabaseTest, RefusesWhatIsNoDatabase) {
  testing::WriteFile(dir_ / "x.db", std::string(10'000, 'x'));
  const auto db = Database::Open(dir_ / "x.db", {});
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, ErrorCode::kDataLoss);
  EXPECT_THAT(db.error().message, HasSubstr("x.db"));
}

TEST_F(DatabaseTest, RefusesADirectoryWithAReason) {
  const auto db = Database::Open(dir_.path(), {});
  ASSERT_FALSE(db);
  EXPECT_THAT(db.error().message, HasSubstr("opening the database"));
}

TEST_F(DatabaseTest, SaysThatADirectoryMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::create_directory(dir_ / "locked");
  ASSERT_EQ(::chmod((dir_ / "locked").c_str(), 0500), 0);
  for (const auto* name : {"locked/x.db", "locked/deeper/x.db"}) {
    const auto db = Database::Open(dir_ / name, {});
    ASSERT_FALSE(db);
    EXPECT_EQ(db.error().code, ErrorCode::kPermissionDenied) << db.error().ToString();
  }
}

TEST_F(DatabaseTest, ReadsWithoutMakingOrChanging) {
  EXPECT_FALSE(Database::Open(dir_ / "none.db", {.read_only = true}));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "none.db"));
  const auto writer = Open();
  ASSERT_TRUE(writer->Migrate(kSteps));
  const auto reader = Open({.read_only = true});
  ASSERT_TRUE(reader->Migrate(kSteps));  // nothing to do, so no write
  const auto refused = reader->Execute("INSERT INTO t (text) VALUES ('x')");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
}

TEST_F(DatabaseTest, BindsAndReadsEveryKind) {
  const auto db = Open();
  auto q = db->Prepare("SELECT ?, ?, ?, ?, ?, ?, ?").value();
  const std::string odd("a\0\xFF\xFE", 4);
  q.Bind(int64_t{INT64_MIN}).Bind(1.5).Bind(odd).BindBlob(AsBytes(odd)).BindNull().Bind(std::string_view());
  q.Bind(std::optional<int64_t>());
  ASSERT_TRUE(q.Step().value());
  EXPECT_EQ(q.Int(0), INT64_MIN);
  EXPECT_EQ(q.Double(1), 1.5);
  EXPECT_EQ(q.Text(2), odd);
  EXPECT_EQ(AsText(q.Blob(3)), odd);
  EXPECT_TRUE(q.IsNull(4));
  EXPECT_EQ(q.Text(4), "");
  EXPECT_FALSE(q.IsNull(5));
  EXPECT_EQ(q.Text(5), "");
  EXPECT_TRUE(q.IsNull(6));
  EXPECT_EQ(q.Text(0), "-9223372036854775808");
  EXPECT_FALSE(q.Step().value());
}

TEST_F(DatabaseTest, ReportsOneParameterTooMany) {
  const auto db = Open();
  auto q = db->Prepare("SELECT ?").value();
  q.Bind(1).Bind(2);
  EXPECT_FALSE(q.Step());
  q.Reset();
  EXPECT_TRUE(q.Bind(1).Step());
}

TEST_F(DatabaseTest, PreparesWhatIsNotEndedByNul) {
  const auto db = Open();
  const std::string_view text = "SELECT 42 garbage";
  EXPECT_EQ(Number(*db, text.substr(0, 9)), 42);
  EXPECT_TRUE(db->Execute(std::string_view("CREATE TABLE a (x); SELECT 1; garbage").substr(0, 29)));
  EXPECT_FALSE(db->Execute("SELECT 1; garbage"));
  EXPECT_FALSE(db->Prepare("garbage"));
  EXPECT_FALSE(db->Prepare("  -- nothing"));
  EXPECT_TRUE(db->Execute(""));
  EXPECT_TRUE(db->Execute(" ; ;; -- nothing\n"));
}

TEST_F(DatabaseTest, OneStatementIsUsedOnceAtATime) {
  const auto db = Open();
  {
    auto one = db->Prepare("SELECT 1").value();
    EXPECT_FALSE(db->Prepare("SELECT 1"));
    auto moved = std::move(one);
    EXPECT_FALSE(db->Prepare("SELECT 1"));
  }
  EXPECT_TRUE(db->Prepare("SELECT 1"));
}

TEST_F(DatabaseTest, KeepsABoundedNumberOfStatements) {
  const auto db = Open();
  auto held = db->Prepare("SELECT 'held'").value();
  const auto statements = [&] {
    int n = 0;
    for (auto* s = sqlite3_next_stmt(db->handle(), nullptr); s != nullptr; s = sqlite3_next_stmt(db->handle(), s)) ++n;
    return n;
  };
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(Number(*db, "SELECT " + std::to_string(i)), i);
  EXPECT_LE(statements(), 128);
  EXPECT_TRUE(held.Step().value());
  EXPECT_EQ(held.Text(0), "held");
}

TEST_F(DatabaseTest, TransactsAllOrNothing) {
  const auto db = Open();
  ASSERT_TRUE(db->Migrate(kSteps));
  EXPECT_TRUE(db->Transact([&] { return db->Execute("INSERT INTO t (text) VALUES ('a')"); }));
  EXPECT_EQ(db->last_insert_rowid(), 1);
  const auto failed = db->Transact([&]() -> Status {
    SESHAT_TRY(db->Execute("INSERT INTO t (text) VALUES ('b')"));
    return db->Execute("INSERT INTO t (text) VALUES ('a')");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(Number(*db, "SELECT count(*) FROM t"), 1);
  EXPECT_FALSE(db->Transact([&] { return db->Transact([] { return Status(); }); }));
  EXPECT_THROW((void)db->Transact([&]() -> Status {
    (void)db->Execute("INSERT INTO t (text) VALUES ('c')");
    throw std::bad_alloc();
  }),
               std::bad_alloc);
  EXPECT_TRUE(db->Transact([] { return Status(); }));
  EXPECT_EQ(Number(*db, "SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, TellsBrokenRulesFromTakenKeys) {
  const auto db = Open();
  ASSERT_TRUE(db->Migrate(kSteps));
  const auto rule = db->Execute("INSERT INTO u VALUES (NULL)");
  ASSERT_FALSE(rule);
  EXPECT_EQ(rule.error().code, ErrorCode::kInternal);
}

TEST_F(DatabaseTest, SnapshotReadsOneMoment) {
  const auto db = Open();
  ASSERT_TRUE(db->Migrate(kSteps));
  const auto other = Open();
  EXPECT_TRUE(db->Snapshot([&]() -> Status {
    EXPECT_EQ(Number(*db, "SELECT count(*) FROM t"), 0);
    SESHAT_TRY(other->Execute("INSERT INTO t (text) VALUES ('a')"));
    EXPECT_EQ(Number(*db, "SELECT count(*) FROM t"), 0);
    return {};
  }));
  EXPECT_EQ(Number(*db, "SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, MigratesStepByStepAndOnce) {
  auto db = Open();
  ASSERT_TRUE(db->Migrate(std::span(kSteps).first(1)));
  EXPECT_EQ(Number(*db, "PRAGMA user_version"), 1);
  db = Open();
  ASSERT_TRUE(db->Migrate(kSteps));
  ASSERT_TRUE(db->Migrate(kSteps));
  EXPECT_EQ(Number(*db, "SELECT count(*) FROM u"), 1);
  const auto older = db->Migrate(std::span(kSteps).first(1));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::kUnsupported);
}

TEST_F(DatabaseTest, FailedStepLeavesNothing) {
  const auto db = Open();
  const std::array<std::string_view, 2> bad = {kSteps[0], "CREATE TABLE v (x); CREATE TABLE t (x)"};
  EXPECT_FALSE(db->Migrate(bad));
  EXPECT_EQ(Number(*db, "PRAGMA user_version"), 1);
  EXPECT_EQ(Number(*db, "SELECT count(*) FROM sqlite_schema WHERE name = 'v'"), 0);
  EXPECT_TRUE(db->Migrate(kSteps));
}

TEST_F(DatabaseTest, ManyProcessesMakeOneDatabase) {
  constexpr int kProcesses = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto db = Database::Open(dir_ / "state/x.db", {});
      bool ok = db && (*db)->Migrate(kSteps);
      for (int n = 0; ok && n < 20; ++n)
        ok = (*db)->Transact([&] { return (*db)->Execute("INSERT INTO u VALUES (2)"); }).has_value();
      ::_exit(ok ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Number(*Open(), "SELECT count(*) FROM u"), 1 + 20 * kProcesses);
}

TEST_F(DatabaseTest, GivesUpWaitingForALock) {
  const auto holder = Open();
  const auto waiter = Open({.busy_timeout = std::chrono::milliseconds(20)});
  EXPECT_TRUE(holder->Transact([&]() -> Status {
    const auto busy = waiter->Transact([] { return Status(); });
    EXPECT_EQ(busy ? ErrorCode::kInternal : busy.error().code, ErrorCode::kUnavailable);
    return {};
  }));
  EXPECT_TRUE(waiter->Transact([] { return Status(); }));
}

TEST_F(DatabaseTest, LogDoesNotGrowForEver) {
  const auto db = Open({.checkpoint_pages = 50});
  ASSERT_TRUE(db->Migrate(kSteps));
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(db->Execute("INSERT INTO u VALUES (zeroblob(3000))"));
  EXPECT_LT(std::filesystem::file_size(dir_ / "state/x.db-wal"), 1024U * 1024);
}

}  // namespace
}  // namespace seshat::sqlite
