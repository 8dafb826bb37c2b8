// Commands: every request gets exactly one reply, whatever it is.
#include <random>

#include "bridge_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(bridge_commands, BridgeFixture)

BOOST_AUTO_TEST_CASE(req_and_dealer_are_answered) {
  auto dealer = client();
  send_frame(dealer, request("ping", 1));
  BOOST_CHECK_EQUAL(wire::find(reply(dealer).root(), "id")->as<int>(), 1);
  auto req = client(zmq::socket_type::req);
  send_frame(req, request("hello", 2,
                          "\x81\xa6"
                          "client\xa4"
                          "demo"));
  const auto doc = reply(req);
  BOOST_CHECK(wire::find(doc.root(), "ok")->as<bool>());
  BOOST_CHECK_EQUAL(wire::find(*wire::find(doc.root(), "result"), "client")->as<std::string>(), "demo");
}

BOOST_AUTO_TEST_CASE(a_client_that_falls_silent_is_told_of_once_a_silence) {
  auto dealer = client();
  const auto hello = [&](int id, bool on, std::int64_t silence_ms) {
    wire::Buffer args;
    wire::Packer out{args};
    out.pack_map(3);
    wire::pack(out, "client");
    wire::pack(out, "demo");
    wire::pack(out, "cancel_on_disconnect");
    wire::pack(out, on);
    wire::pack(out, "silence_ms");
    wire::pack(out, silence_ms);
    send_frame(dealer, request("hello", id, args.bytes));
  };
  hello(1, true, 1);
  BOOST_CHECK(!wire::find(reply(dealer).root(), "ok")->as<bool>());
  hello(2, true, 600);
  listener.until([&] { return listener.watched.size() == 1; });
  const auto asked = listener.watched[0];
  BOOST_CHECK_EQUAL(asked.client + " " + std::to_string(asked.silence_ms), "demo 600");
  // Whatever is asked meanwhile is a sign of life, and is answered; hello only once it is recorded.
  send_frame(dealer, request("ping", 3));
  BOOST_CHECK_EQUAL(wire::find(reply(dealer).root(), "id")->as<int>(), 3);
  queue.reply({asked.token, asked.answer, std::nullopt});
  const auto welcome = reply(dealer);
  BOOST_CHECK_EQUAL(wire::find(welcome.root(), "id")->as<int>(), 2);
  BOOST_CHECK_EQUAL(wire::find(*wire::find(welcome.root(), "result"), "silence_ms")->as<int>(), 600);
  BOOST_CHECK_EQUAL(wire::find(*wire::find(welcome.root(), "result"), "client")->as<std::string>(), "demo");
  listener.until([&] { return listener.silent.size() == 1; });
  send_frame(dealer, request("ping", 4));
  reply(dealer);
  listener.until([&] { return listener.heard == std::vector<std::string>{"demo"}; });  // from now on anew
  listener.until([&] { return listener.silent.size() == 2; });
  hello(5, false, 600);
  listener.until([&] { return listener.watched.size() == 2; });
  BOOST_CHECK_EQUAL(listener.watched[1].silence_ms, 0);
  queue.reply({listener.watched[1].token, {}, Error{Errc::overloaded, "the disk is full"}});
  const auto refused = reply(dealer);
  BOOST_CHECK_EQUAL(wire::find(refused.root(), "id")->as<int>(), 5);
  BOOST_CHECK_EQUAL(wire::find(*wire::find(refused.root(), "error"), "code")->as<std::string>(), "overloaded");
  listener.until([&] { return listener.silent.size() == 3; });  // as if it had never asked
  hello(6, false, 600);
  listener.until([&] { return listener.watched.size() == 3; });
  queue.reply({listener.watched[2].token, listener.watched[2].answer, std::nullopt});
  BOOST_CHECK(wire::find(reply(dealer).root(), "ok")->as<bool>());
  const auto heard = listener.heard.size();
  send_frame(dealer, request("ping", 7));
  reply(dealer);
  send_frame(dealer, request("get_orders", 8));
  listener.until([&] { return listener.requests.size() == 1; });
  BOOST_CHECK_EQUAL(listener.heard.size(), heard);
}

BOOST_AUTO_TEST_CASE(a_name_with_control_characters_is_refused) {
  auto dealer = client();
  for (const std::string bad : {"a\nb", "a\tb", "a\x7f"}) {
    wire::Buffer args;
    wire::Packer out{args};
    out.pack_map(1);
    wire::pack(out, "client");
    wire::pack(out, bad);
    send_frame(dealer, request("hello", 1, args.bytes));
    const auto doc = reply(dealer);
    BOOST_REQUIRE(!wire::find(doc.root(), "ok")->as<bool>());
    BOOST_CHECK_EQUAL(wire::find(*wire::find(doc.root(), "error"), "code")->as<std::string>(), "request.invalid");
  }
}

BOOST_AUTO_TEST_CASE(an_actors_answer_finds_its_client) {
  auto dealer = client();
  send_frame(dealer, request("hello", 1,
                             "\x81\xa6"
                             "client\xa4"
                             "demo"));
  reply(dealer);
  send_frame(dealer, request("get_orders", 7));
  listener.until([&] { return listener.requests.size() == 1; });
  BOOST_CHECK_EQUAL(listener.requests[0].client, "demo");
  BOOST_CHECK_EQUAL(listener.requests[0].op, "get_orders");
  queue.reply({listener.requests[0].token, wire::packed(std::string{"answer"}), std::nullopt});
  queue.reply({listener.requests[0].token, wire::packed(std::string{"again"}), std::nullopt});  // must not get out
  const auto doc = reply(dealer);
  BOOST_CHECK_EQUAL(wire::find(doc.root(), "id")->as<int>(), 7);
  BOOST_CHECK_EQUAL(wire::find(doc.root(), "result")->as<std::string>(), "answer");
  send_frame(dealer, request("ping", 8));
  BOOST_CHECK_EQUAL(wire::find(reply(dealer).root(), "id")->as<int>(), 8);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_shared_reaches_everybody_whole) {
  auto first = client();
  auto second = client();
  send_frame(first, request("get_historical_data", 1, {"\x80", 1}, 5'000));
  send_frame(second, request("get_historical_data", 2));
  listener.until([&] { return listener.requests.size() == 2; });
  BOOST_CHECK(listener.requests[0].timeout_ms == 5'000 || listener.requests[1].timeout_ms == 5'000);
  const auto answer = std::make_shared<const std::string>(wire::packed(std::string(100'000, 'x')));
  for (const auto& each : listener.requests) queue.reply({each.token, {}, std::nullopt, answer});
  int id = 0;
  for (auto* dealer : {&first, &second}) {
    const auto doc = reply(*dealer);
    BOOST_CHECK_EQUAL(wire::find(doc.root(), "id")->as<int>(), ++id);
    BOOST_CHECK(wire::find(doc.root(), "ok")->as<bool>());
    BOOST_CHECK_EQUAL(wire::find(doc.root(), "result")->as<std::string>(), std::string(100'000, 'x'));
  }
}

BOOST_AUTO_TEST_CASE(large_answers_that_gave_way_to_orders_all_arrive) {
  auto trader = client();
  auto reader = client();
  send_frame(trader, request("place_order", 1));
  listener.until([&] { return listener.requests.size() == 1; });
  constexpr int asked = 12;
  for (int id = 0; id < asked; ++id) send_frame(reader, request("get_historical_data", id));
  listener.until([&] { return listener.requests.size() == 1 + asked; });
  const auto answer = std::make_shared<const std::string>(wire::packed(std::string(200'000, 'x')));
  for (const auto& each : listener.requests)
    if (each.op != "place_order") queue.reply({each.token, {}, std::nullopt, answer});
  queue.reply({listener.requests[0].token, wire::packed(true), std::nullopt});
  BOOST_CHECK_EQUAL(wire::find(reply(trader).root(), "id")->as<int>(), 1);
  for (int id = 0; id < asked; ++id) {
    const auto doc = reply(reader);
    BOOST_CHECK_EQUAL(wire::find(doc.root(), "id")->as<int>(), id);
    BOOST_CHECK_EQUAL(wire::find(doc.root(), "result")->as<std::string>().size(), 200'000U);
  }
}

BOOST_AUTO_TEST_CASE(a_deadline_is_kept_and_a_late_answer_dropped) {
  auto dealer = client();
  send_frame(dealer, request("get_orders", 1, {"\x80", 1}, 50));
  BOOST_CHECK_EQUAL(code(reply(dealer)), "request.timeout");
  listener.until([&] { return listener.requests.size() == 1; });
  queue.reply({listener.requests[0].token, wire::packed(true), std::nullopt});
  send_frame(dealer, request("ping", 2));
  BOOST_CHECK_EQUAL(wire::find(reply(dealer).root(), "id")->as<int>(), 2);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_decoded_gets_one_reply_without_an_id) {
  auto dealer = client();
  for (const std::string& bad : {std::string{}, std::string{"\xc1"}, std::string{"hello"}, request("ping", 1) + "x",
                                 std::string(100, '\x91'), std::string{"\x90"}}) {
    send_frame(dealer, bad);
    const auto doc = reply(dealer);
    BOOST_CHECK_EQUAL(code(doc), "request.malformed");
    BOOST_CHECK(wire::find(doc.root(), "id") == nullptr);
  }
  dealer.send(zmq::str_buffer("two"), zmq::send_flags::sndmore);
  dealer.send(zmq::str_buffer("frames"), zmq::send_flags::none);
  BOOST_CHECK_EQUAL(code(reply(dealer)), "request.malformed");
  send_frame(dealer, std::string(2U << 20U, 'x'));
  BOOST_CHECK_EQUAL(code(reply(dealer)), "request.malformed");
}

BOOST_AUTO_TEST_CASE(random_frames_are_answered_one_for_one) {
  std::mt19937_64 random{9};
  auto dealer = client();
  const auto good = request("get_missed", 5,
                            "\x82\xa5"
                            "topic\xa5"
                            "quote\xa5"
                            "after\x00");
  constexpr int total = 100'000;
  constexpr int window = 200;
  int answered = 0;
  const auto take = [&] {
    reply(dealer);
    ++answered;
  };
  std::size_t seen = 0;
  for (int i = 0; i < total; ++i) {
    std::string frame = good;
    if (i % 3 == 0) {
      frame.resize(random() % 60);
      for (auto& c : frame) c = static_cast<char>(random());
    } else {
      for (auto n = random() % 3; n > 0; --n) frame[random() % frame.size()] = static_cast<char>(random());
    }
    send_frame(dealer, frame);
    {
      // What would have gone to the actors is answered for them.
      const std::lock_guard lock{listener.mutex};
      for (; seen < listener.requests.size(); ++seen)
        queue.reply({listener.requests[seen].token, {}, Error{Errc::request_unknown_op, "unknown"}});
    }
    if (i - answered >= window) take();
  }
  while (answered < total) {
    {
      const std::lock_guard lock{listener.mutex};
      for (; seen < listener.requests.size(); ++seen)
        queue.reply({listener.requests[seen].token, {}, Error{Errc::request_unknown_op, "unknown"}});
    }
    zmq::pollitem_t item{dealer.handle(), 0, ZMQ_POLLIN, 0};
    if (zmq::poll(&item, 1, 50ms) > 0) take();
  }
  zmq::message_t none;
  BOOST_CHECK(!dealer.recv(none, zmq::recv_flags::dontwait));
}

BOOST_AUTO_TEST_CASE(too_many_open_requests_are_refused_and_answered) {
  BusQueue small_queue{8};
  FakeListener small_listener;
  auto small = config();
  small.requests_open_max = 2;
  Bridge other{small, small_queue, small_listener};
  const auto bound = *other.bind();
  other.start();
  zmq::socket_t dealer{context, zmq::socket_type::dealer};
  dealer.set(zmq::sockopt::rcvtimeo, 20'000);
  dealer.set(zmq::sockopt::linger, 0);
  dealer.connect(bound.command[0]);
  for (std::uint64_t id = 1; id <= 3; ++id) send_frame(dealer, request("get_orders", id));
  const auto doc = reply(dealer);
  BOOST_CHECK_EQUAL(code(doc), "overloaded");
  BOOST_CHECK_EQUAL(wire::find(doc.root(), "id")->as<int>(), 3);
  other.stop();
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_named) {
  BusQueue other_queue{8};
  auto taken = config();
  taken.stream = endpoints.stream;
  Bridge other{taken, other_queue, listener};
  const auto bound = other.bind();
  BOOST_REQUIRE(!bound);
  BOOST_CHECK_NE(bound.error().message.find(endpoints.stream[0]), std::string::npos);
  BOOST_CHECK_NE(bound.error().message.find("in use"), std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

// A daemon that was started anew: the client comes back, and asks for nothing but what it always asked for.
BOOST_AUTO_TEST_CASE(a_client_of_an_earlier_run_is_watched_from_the_start) {
  BusQueue queue{64};
  FakeListener listener;
  Bridge bridge{BridgeFixture::config(), queue, listener};
  const auto endpoints = *bridge.bind();
  bridge.watch("back", 2s);
  bridge.watch("gone", 3s);
  bridge.start();
  zmq::context_t context;
  zmq::socket_t dealer{context, zmq::socket_type::dealer};
  dealer.set(zmq::sockopt::linger, 0);
  dealer.set(zmq::sockopt::rcvtimeo, 20'000);
  dealer.connect(endpoints.command[0]);
  BridgeFixture::send_frame(dealer, BridgeFixture::request("hello", 1,
                                                           "\x81\xa6"
                                                           "client\xa4"
                                                           "back"));
  BridgeFixture::reply(dealer);
  const auto gone = [&] { return std::ranges::count(listener.silent, "gone") == 1; };
  for (bool ended = false; !ended;) {  // each request is a sign of life
    BridgeFixture::send_frame(dealer, BridgeFixture::request("ping", 2));
    BridgeFixture::reply(dealer);
    std::unique_lock lock{listener.mutex};
    ended = listener.changed.wait_for(lock, 50ms, gone);
  }
  BOOST_CHECK_EQUAL(listener.silent.size(), 1);
  listener.until([&] { return listener.silent.size() == 2; });  // it is watched on
  BOOST_CHECK_EQUAL(listener.silent.back(), "back");
  bridge.stop();
}
