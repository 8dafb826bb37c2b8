// A disk that is full, and one that breaks.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "tests/engine/services/segment_log/log_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(segment_disk, LogWorld)

BOOST_AUTO_TEST_CASE(on_a_full_disk_the_last_room_is_for_what_is_essential) {
  auto log = open();
  put(*log, std::string(2'500, 'a'));
  disk->allocate_error = ENOSPC;
  log->retry();
  BOOST_CHECK_EQUAL(log->status().state, LogState::full);
  BOOST_CHECK(log->takes_ordinary().has_value());  // more than the reserve is left
  put(*log, std::string(600, 'b'));
  put(*log, std::string(400, 'c'));
  const auto refused = log->append("ordinary");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK_EQUAL(static_cast<int>(refused.error().code), static_cast<int>(Errc::overloaded));
  BOOST_CHECK(has(refused.error().message, folder.str()) && has(refused.error().message, "make room"));
  BOOST_CHECK_EQUAL(log->append(std::string(200, 'd'), true).value_or(0), 4U);
  BOOST_CHECK(log->write().has_value());
  // No room for this one, even though it is essential: it waits.
  BOOST_CHECK_EQUAL(log->append(std::string(500, 'e'), true).value_or(0), 5U);
  const auto waits = log->write();
  BOOST_REQUIRE(!waits.has_value());
  BOOST_CHECK_EQUAL(static_cast<int>(waits.error().code), static_cast<int>(Errc::overloaded));
  BOOST_CHECK_EQUAL(log->status().last_seq, 4U);

  disk->allocate_error = 0;
  BOOST_CHECK(log->wants_spare());
  log->retry();
  BOOST_CHECK_EQUAL(log->status().state, LogState::ok);
  BOOST_CHECK(log->write().has_value());
  BOOST_CHECK_EQUAL(log->status().last_seq, 5U);
  put(*log, "ordinary");
  log.reset();
  open();
  BOOST_CHECK_EQUAL(seen.size(), 6U);
}

BOOST_AUTO_TEST_CASE(a_log_that_finds_no_room_to_begin_says_how_much_it_needs) {
  disk->allocate_error = ENOSPC;
  const auto why = refusal();
  BOOST_CHECK_MESSAGE(has(why, segment(1)) && has(why, "make room: a file takes 1 MB"), why);
  disk->allocate_error = 0;
  put(*open(), "one");
}

BOOST_AUTO_TEST_CASE(what_waits_for_room_is_bounded) {
  auto log = open();
  disk->allocate_error = ENOSPC;
  std::size_t taken = 0;
  while (log->append(std::string(1'000, 'x'), true)) BOOST_REQUIRE(++taken < 100);
  BOOST_CHECK_EQUAL(taken, 4U);
}

BOOST_AUTO_TEST_CASE(after_a_failed_sync_nothing_is_taken_any_more) {
  auto log = open();
  put(*log, "one");
  disk->sync_error = EIO;
  BOOST_REQUIRE(log->append("two").has_value());
  BOOST_REQUIRE(log->write().has_value());
  const auto broken = log->sync();
  BOOST_REQUIRE(!broken.has_value());
  BOOST_CHECK(has(broken.error().message, segment(1)) && has(broken.error().message, "Input/output error"));
  disk->sync_error = 0;
  BOOST_CHECK(!log->sync().has_value());
  BOOST_CHECK(!log->append("three").has_value());
  BOOST_CHECK(!log->takes_ordinary().has_value());
  log->retry();
  BOOST_CHECK_EQUAL(log->status().state, LogState::failed);
  BOOST_CHECK_EQUAL(log->status().synced_seq, 1U);
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_too) {
  auto log = open();
  disk->write_error = EIO;
  BOOST_REQUIRE(log->append("one").has_value());
  BOOST_CHECK(!log->write().has_value());
  BOOST_CHECK_EQUAL(log->status().state, LogState::failed);
  disk->write_error = 0;
  BOOST_CHECK(!log->write().has_value());
}

BOOST_AUTO_TEST_CASE(a_write_that_finds_no_room_is_tried_again) {
  auto log = open();
  log->retry();
  disk->write_error = ENOSPC;
  BOOST_REQUIRE(log->append("one").has_value());
  BOOST_CHECK(!log->write().has_value());
  BOOST_CHECK_EQUAL(log->status().state, LogState::full);
  disk->write_error = 0;
  BOOST_CHECK(log->write().has_value());
  BOOST_CHECK_EQUAL(log->status().state, LogState::ok);
  log.reset();
  open();
  BOOST_CHECK_EQUAL(seen.size(), 1U);
}

// The real thing: a small file system where the process may make one, a limit on its files elsewhere.
BOOST_AUTO_TEST_CASE(a_disk_that_is_really_full) {
  // Mounted for this process alone, so that nothing stays behind.
  const bool mounted = ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
                       ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       ::mount("tmpfs", folder.str().c_str(), "tmpfs", 0, "size=64k") == 0;
  rlimit before{};
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  if (mounted) {
    write_bytes(folder.file("ballast"), std::string(40'000, 'b'));
  } else {
    BOOST_TEST_MESSAGE("no file system of its own: a limit on the size of files stands in for a full disk");
    BOOST_REQUIRE_EQUAL(::getrlimit(RLIMIT_FSIZE, &before), 0);
  }
  {
    auto log = open(options(16'384));
    put(*log, std::string(10'000, 'a'));
    if (!mounted) {
      rlimit low = before;
      low.rlim_cur = 8'192;
      BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_FSIZE, &low), 0);
    }
    log->retry();
    BOOST_CHECK_EQUAL(log->status().state, LogState::full);
    BOOST_CHECK_MESSAGE(!std::filesystem::exists(segment(2)), "a half-made segment has no name");
    if (mounted)
      std::filesystem::remove(folder.file("ballast"));
    else
      BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_FSIZE, &before), 0);
    log->retry();
    BOOST_CHECK_EQUAL(log->status().state, LogState::ok);
    put(*log, std::string(10'000, 'b'));
  }
  open(options(16'384));
  BOOST_CHECK_EQUAL(seen.size(), 2U);
  std::signal(SIGXFSZ, previous);
  if (mounted) BOOST_CHECK_EQUAL(::umount2(folder.str().c_str(), MNT_DETACH), 0);
}

BOOST_AUTO_TEST_SUITE_END()
